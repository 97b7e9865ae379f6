using System.Collections.Concurrent;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using StickyAspire.TestSupport;

namespace SocketIO.AdapterSpecs.Running;

/// <summary>A client over a WebSocket that gathers what it gets, and acknowledges what it is told to.</summary>
public sealed class SpecClient : IAsyncDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly Lock _gate = new();
    private readonly List<SpecEvent> _events = [];
    private readonly ConcurrentDictionary<string, string> _answers = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly string _prefix;
    private Task _reading = Task.CompletedTask;

    private SpecClient(SpecServer server, string nsp)
    {
        Server = server;
        _prefix = nsp == "/" ? "" : nsp + ",";
    }

    public SpecServer Server { get; }

    public string Id { get; private set; } = "";

    /// <summary>The secret to come back with, where the server recovers sessions.</summary>
    public string? Pid { get; private set; }

    /// <summary>Whether the server told it to go.</summary>
    public bool WasDisconnected { get; private set; }

    /// <summary>Whether the connection has ended.</summary>
    public bool IsClosed => _reading.IsCompleted;

    /// <summary>The last event's place, where the server recovers sessions.</summary>
    public string? Offset { get; private set; }

    public static Task<SpecClient> ConnectAsync(SpecServer server, string nsp = "/", string? auth = null) => ConnectAsync(new SpecClient(server, nsp), auth);

    /// <summary>A client that comes back for what another one was and had. What it has missed comes before it is let in: as Node's it knows until then what it knew.</summary>
    public static Task<SpecClient> ReturnAsync(SpecClient before, SpecServer server) =>
        ConnectAsync(new SpecClient(server, "/") { Pid = before.Pid, Offset = before.Offset }, $$"""{"pid":"{{before.Pid}}","offset":"{{before.Offset}}"}""");

    public IReadOnlyList<SpecEvent> Received(string name)
    {
        lock (_gate)
        {
            return [.. _events.Where(one => one.Name == name)];
        }
    }

    public void Answer(string name, object? value) => _answers[name] = JsonSerializer.Serialize(value);

    /// <summary>Breaks the connection off, without a word.</summary>
    public void Abort() => _socket.Abort();

    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _socket.Dispose();
        _sending.Dispose();
    }

    private static async Task<SpecClient> ConnectAsync(SpecClient client, string? auth)
    {
        await client._socket.ConnectAsync(new UriBuilder(client.Server.Url) { Scheme = "ws", Path = "/socket.io/", Query = "EIO=4&transport=websocket" }.Uri, TestContext.Current.CancellationToken);
        client._reading = client.ReadAsync();
        await client.SendAsync("40" + client._prefix + auth);
        await Eventually.TrueAsync(() => client.Id.Length > 0 || client.IsClosed, () => "the client was let in, or turned away");
        return client;
    }

    private async Task SendAsync(string packet)
    {
        await _sending.WaitAsync();
        try
        {
            await _socket.SendAsync(Encoding.UTF8.GetBytes(packet), WebSocketMessageType.Text, true, CancellationToken.None);
        }
        finally
        {
            _sending.Release();
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            while (await ReadFrameAsync() is var (bytes, type) && type != WebSocketMessageType.Close)
            {
                await OnPacketAsync(Encoding.UTF8.GetString(bytes));
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The connection has ended.
        }
    }

    private async Task OnPacketAsync(string packet)
    {
        if (packet == "2")
        {
            await SendAsync("3");
            return;
        }

        if (packet.Length < 2 || packet[0] != '4')
        {
            return;
        }

        switch (packet[1])
        {
            case '0':
                var connect = JsonElement.Parse(packet[(2 + _prefix.Length)..]);
                Pid = connect.TryGetProperty("pid", out var pid) ? pid.GetString() : null;
                Id = connect.GetProperty("sid").GetString()!;
                break;
            case '1':
                WasDisconnected = true;
                break;
            case '2':
                await OnEventAsync(packet[2..], []);
                break;
            case '5':
                var dash = packet.IndexOf('-', StringComparison.Ordinal);
                var attachments = new List<byte[]>();
                for (var left = int.Parse(packet.AsSpan(2, dash - 2), CultureInfo.InvariantCulture); left > 0; left--)
                {
                    attachments.Add((await ReadFrameAsync()).Bytes);
                }

                await OnEventAsync(packet[(dash + 1)..], attachments);
                break;
        }
    }

    private async Task OnEventAsync(string content, List<byte[]> attachments)
    {
        var start = content.IndexOf('[', _prefix.Length);
        var id = content[_prefix.Length..start];
        var items = JsonElement.Parse(content[start..]).EnumerateArray().ToArray();
        var name = items[0].GetString()!;
        if (Pid is not null && items is [.., { ValueKind: JsonValueKind.String } last] && items.Length > 1)
        {
            Offset = last.GetString();
        }

        lock (_gate)
        {
            _events.Add(new SpecEvent(name, items[1..], attachments));
        }

        if (id.Length > 0 && _answers.TryGetValue(name, out var answer))
        {
            await SendAsync($"43{_prefix}{id}[{answer}]");
        }
    }

    private async Task<(byte[] Bytes, WebSocketMessageType Type)> ReadFrameAsync()
    {
        using var message = new MemoryStream();
        var buffer = new byte[16_384];
        ValueWebSocketReceiveResult result;
        do
        {
            result = await _socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
            message.Write(buffer, 0, result.Count);
        }
        while (!result.EndOfMessage);
        return (message.ToArray(), result.MessageType);
    }
}
