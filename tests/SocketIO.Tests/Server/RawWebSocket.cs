using System.Net.Sockets;
using System.Text;

namespace SocketIO.Tests.Server;

/// <summary>A WebSocket of bare bytes, so that tests see every bit of a frame.</summary>
internal sealed class RawWebSocket : IDisposable
{
    /// <summary>RSV1 of a frame's first byte (RFC 7692, section 6).</summary>
    public const int CompressedBit = 0x40;

    private readonly TcpClient _tcp;

    private RawWebSocket(TcpClient tcp) => (_tcp, Stream) = (tcp, tcp.GetStream());

    public NetworkStream Stream { get; }

    /// <summary>Connects, and sends the handshake of RFC 6455's example.</summary>
    public static async Task<RawWebSocket> OpenAsync(TestServer server, string headers = "")
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync(server.Url.Host, server.Url.Port, TestContext.Current.CancellationToken);
        var client = new RawWebSocket(tcp);
        var hello = "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
            $"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n";
        await client.Stream.WriteAsync(Encoding.ASCII.GetBytes(hello), TestContext.Current.CancellationToken);
        return client;
    }

    /// <summary>A text frame, masked with zeros.</summary>
    public static byte[] Text(string text) => [0x81, (byte)(0x80 | text.Length), 0, 0, 0, 0, .. Encoding.UTF8.GetBytes(text)];

    public async Task<string> ReadHeadersAsync()
    {
        var headers = new StringBuilder();
        var buffer = new byte[1];
        while (!headers.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await Stream.ReadExactlyAsync(buffer, TestContext.Current.CancellationToken);
            headers.Append((char)buffer[0]);
        }

        return headers.ToString();
    }

    /// <summary>The next frame: its first byte, and what it carries.</summary>
    public async Task<(int Header, byte[] Payload)> ReadFrameAsync()
    {
        var header = new byte[2];
        await Stream.ReadExactlyAsync(header, TestContext.Current.CancellationToken);
        Assert.True(header[1] <= 126, "The server's frames are not masked, and not that long here.");
        var length = (int)header[1];
        if (length == 126)
        {
            var extended = new byte[2];
            await Stream.ReadExactlyAsync(extended, TestContext.Current.CancellationToken);
            length = extended[0] << 8 | extended[1];
        }

        var payload = new byte[length];
        await Stream.ReadExactlyAsync(payload, TestContext.Current.CancellationToken);
        return (header[0], payload);
    }

    public Task WriteTextAsync(string text) => Stream.WriteAsync(Text(text), TestContext.Current.CancellationToken).AsTask();

    public void Dispose() => _tcp.Dispose();
}
