using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace SocketIO.Tests.Server;

/// <summary>A client that speaks Socket.IO packets as text over a WebSocket, so that tests see every byte. Answers pings.</summary>
internal sealed class TestClient : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly ClientWebSocket _socket = new();
    private readonly byte[] _buffer = new byte[1 << 20];

    /// <summary>The socket's id in the namespace joined last.</summary>
    public string Id { get; private set; } = "";

    /// <summary>The secret to come back with, where the server recovers sessions.</summary>
    public string? Pid { get; private set; }

    public static async Task<TestClient> OpenAsync(Uri url)
    {
        var client = new TestClient();
        await client._socket.ConnectAsync(
            new UriBuilder(url) { Scheme = "ws", Path = "/socket.io/", Query = "EIO=4&transport=websocket" }.Uri, TestContext.Current.CancellationToken);
        Assert.StartsWith("0{", await client.ReceiveAsync(), StringComparison.Ordinal);
        return client;
    }

    public async Task JoinAsync(string nsp = "/", string? auth = null)
    {
        var prefix = nsp == "/" ? "40" : $"40{nsp},";
        await SendAsync(prefix + auth);
        Connected(await ReceiveAsync() ?? "", prefix);
    }

    /// <summary>Takes note of a CONNECT packet.</summary>
    public void Connected(string packet, string prefix = "40")
    {
        Assert.StartsWith(prefix + "{", packet, StringComparison.Ordinal);
        var content = JsonElement.Parse(packet[prefix.Length..]);
        Id = content.GetProperty("sid").GetString()!;
        Pid = content.TryGetProperty("pid", out var pid) ? pid.GetString() : null;
    }

    /// <summary>Sends a message of bytes as it is, as text or binary.</summary>
    public async Task SendAsync(byte[] message, bool isText = false) =>
        await _socket.SendAsync(message, isText ? WebSocketMessageType.Text : WebSocketMessageType.Binary, true, TestContext.Current.CancellationToken);

    public async Task SendAsync(string packet) =>
        await _socket.SendAsync(Encoding.UTF8.GetBytes(packet), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);

    /// <summary>The next packet that is no ping; null when the connection has ended.</summary>
    public async Task<string?> ReceiveAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        while (true)
        {
            var length = 0;
            ValueWebSocketReceiveResult result;
            do
            {
                try
                {
                    result = await _socket.ReceiveAsync(_buffer.AsMemory(length), limit.Token);
                }
                catch (WebSocketException)
                {
                    return null;
                }

                length += result.Count;
            }
            while (!result.EndOfMessage);

            if (result.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            var text = result.MessageType == WebSocketMessageType.Binary ? "b" + Convert.ToBase64String(_buffer, 0, length) : Encoding.UTF8.GetString(_buffer, 0, length);
            if (text != "2")
            {
                return text;
            }

            await SendAsync("3");
        }
    }

    public async Task ExpectAsync(params string[] packets)
    {
        foreach (var packet in packets)
        {
            Assert.Equal(packet, await ReceiveAsync());
        }
    }

    /// <summary>Breaks the connection off, without a word.</summary>
    public void Abort() => _socket.Abort();

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
