using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using SocketIO.Tests.Conformance.Targets;

namespace SocketIO.Tests.Conformance.Clients;

/// <summary>A session on the WebSocket transport, or the WebSocket that a session is upgraded to.</summary>
internal sealed class WebSocketEngineClient : IEngineClient
{
    private readonly int _revision;
    private readonly byte[] _buffer = new byte[64 * 1024];

    private WebSocketEngineClient(int revision) => _revision = revision;

    public ClientWebSocket Socket { get; } = new();

    public string Sid { get; private set; } = "";

    public JsonElement Handshake { get; private set; }

    public static Uri UrlOf(ConformanceTarget target, string query, string path = "/engine.io/") =>
        new UriBuilder(target.Url) { Scheme = "ws", Path = path, Query = query }.Uri;

    /// <summary>Starts a session.</summary>
    public static async Task<WebSocketEngineClient> OpenAsync(ConformanceTarget target, string path = "/engine.io/", int revision = 4)
    {
        var client = await ConnectAsync(target, $"EIO={revision}&transport=websocket", path, revision);
        var open = await client.ExpectAsync();
        Assert.StartsWith("0{", open, StringComparison.Ordinal);
        client.Handshake = JsonDocument.Parse(open[1..]).RootElement;
        client.Sid = client.Handshake.GetProperty("sid").GetString()!;
        return client;
    }

    /// <summary>Opens a second connection of a session that polls.</summary>
    public static Task<WebSocketEngineClient> ConnectAsync(ConformanceTarget target, PollingClient session, string path = "/engine.io/", int revision = 4) =>
        ConnectAsync(target, $"EIO={revision}&transport=websocket&sid={Uri.EscapeDataString(session.Sid)}", path, revision);

    public static async Task<WebSocketEngineClient> ConnectAsync(
        ConformanceTarget target, string query, string path = "/engine.io/", int revision = 4)
    {
        var client = new WebSocketEngineClient(revision);
        client.Socket.Options.KeepAliveInterval = TimeSpan.Zero;
        using var deadline = Deadline.Start();
        await client.Socket.ConnectAsync(UrlOf(target, query, path), deadline.Token);
        return client;
    }

    public async Task SendAsync(params string[] packets)
    {
        foreach (var packet in packets)
        {
            var binary = packet.StartsWith('b');
            await SendFrameAsync(
                binary ? BinaryFrame(packet) : Encoding.UTF8.GetBytes(packet), binary ? WebSocketMessageType.Binary : WebSocketMessageType.Text);
        }
    }

    public async Task SendFrameAsync(ReadOnlyMemory<byte> data, WebSocketMessageType type, bool last = true)
    {
        using var deadline = Deadline.Start();
        await Socket.SendAsync(data, type, last, deadline.Token);
    }

    public async Task<string?> NextAsync()
    {
        while (true)
        {
            var packet = await NextFrameAsync();
            if (packet != "2")
            {
                return packet;
            }

            await SendAsync("3");
        }
    }

    /// <summary>The next frame, pings included. Null when the connection has ended.</summary>
    public async Task<string?> NextFrameAsync(TimeSpan? within = null)
    {
        using var deadline = Deadline.Start(within);
        using var message = new MemoryStream();
        try
        {
            while (true)
            {
                var received = await Socket.ReceiveAsync(_buffer.AsMemory(), deadline.Token);
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    return null;
                }

                message.Write(_buffer.AsSpan(0, received.Count));
                if (received.EndOfMessage)
                {
                    return received.MessageType == WebSocketMessageType.Text ? Encoding.UTF8.GetString(message.ToArray()) : TextForm(message.ToArray());
                }
            }
        }
        catch (WebSocketException)
        {
            return null;
        }
    }

    public ValueTask DisposeAsync()
    {
        Socket.Dispose();
        return ValueTask.CompletedTask;
    }

    // Revision 3 puts the packet's type before the bytes: a byte in a frame, a digit in base64.
    private byte[] BinaryFrame(string packet) =>
        _revision == 4 ? Convert.FromBase64String(packet[1..]) : [(byte)(packet[1] - '0'), .. Convert.FromBase64String(packet[2..])];

    private string TextForm(byte[] frame) =>
        _revision == 4 ? "b" + Convert.ToBase64String(frame) : $"b{frame[0]}{Convert.ToBase64String(frame.AsSpan(1))}";
}
