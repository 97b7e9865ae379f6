using System.Net.Sockets;
using System.Text;
using StickyAspire.SocketIO;

namespace SocketIO.Tests.Server;

/// <summary>The server's side of RFC 6455, byte by byte.</summary>
public sealed class WebSocketFrameTests
{
    private const string Hello = "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

    [Fact]
    public async Task Handshake_ProvesThatTheKeyWasRead()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await OpenAsync(server);

        // The example of RFC 6455, section 1.3.
        Assert.Contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", await client.ReadHeadersAsync(), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData(new byte[] { 0x81, 0x01, 0x34 }, 1002)]
    [InlineData(new byte[] { 0xC1, 0x81, 0, 0, 0, 0, 0x34 }, 1002)]
    [InlineData(new byte[] { 0x81, 0x82, 0, 0, 0, 0, 0xC3, 0x28 }, 1007)]
    [InlineData(new byte[] { 0x82, 0xFF, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0, 0 }, 1009)]
    [InlineData(new byte[] { 0x88, 0x82, 0, 0, 0, 0, 0x03, 0xE8 }, 1000)]
    public async Task Frame_ThatEndsTheConnection_IsAnsweredWithItsStatus(byte[] frame, int status)
    {
        await using var server = await TestServer.StartAsync();
        using var client = await OpenAsync(server);
        await client.ReadHeadersAsync();
        Assert.StartsWith("0{", Encoding.UTF8.GetString((await client.ReadFrameAsync()).Payload), StringComparison.Ordinal);

        await client.Stream.WriteAsync(frame, TestContext.Current.CancellationToken);

        var (opcode, payload) = await client.ReadFrameAsync();
        Assert.Equal((8, status), (opcode, payload[0] << 8 | payload[1]));
        Assert.Equal(0, await client.Stream.ReadAsync(new byte[1], TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Pings_AreAnsweredWithTheLastOnesPayload_AndMessagesInOneReadInTheirOrder()
    {
        await using var server = await TestServer.StartAsync(map: io => io.OnConnection(socket => socket.On("n", (SocketIOAck ack, int n) => ack.SendAsync(n).AsTask())));
        using var client = await OpenAsync(server);
        await client.ReadHeadersAsync();
        await client.ReadFrameAsync();
        await client.WriteTextAsync("40");
        await client.ReadFrameAsync();

        await client.Stream.WriteAsync((byte[])[0x89, 0x81, 0, 0, 0, 0, (byte)'p', .. Text("420[\"n\",0]"), .. Text("421[\"n\",1]"), .. Text("422[\"n\",2]")], TestContext.Current.CancellationToken);

        var frames = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            var (opcode, payload) = await client.ReadFrameAsync();
            frames.Add((opcode == 10 ? "pong " : "") + Encoding.UTF8.GetString(payload));
        }

        Assert.Contains("pong p", frames);
        Assert.Equal(["430[0]", "431[1]", "432[2]"], frames.Where(frame => frame[0] == '4'));
    }

    private static async Task<RawClient> OpenAsync(TestServer server)
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync(server.Url.Host, server.Url.Port, TestContext.Current.CancellationToken);
        var client = new RawClient(tcp);
        await client.Stream.WriteAsync(Encoding.ASCII.GetBytes(Hello), TestContext.Current.CancellationToken);
        return client;
    }

    private static byte[] Text(string text) => [0x81, (byte)(0x80 | text.Length), 0, 0, 0, 0, .. Encoding.UTF8.GetBytes(text)];

    private sealed class RawClient(TcpClient tcp) : IDisposable
    {
        public NetworkStream Stream { get; } = tcp.GetStream();

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

        public async Task<(int Opcode, byte[] Payload)> ReadFrameAsync()
        {
            var header = new byte[2];
            await Stream.ReadExactlyAsync(header, TestContext.Current.CancellationToken);
            Assert.True(header[1] < 126 || header[1] == 126);
            var length = (int)header[1];
            if (length == 126)
            {
                await Stream.ReadExactlyAsync(header.AsMemory(), TestContext.Current.CancellationToken);
                length = header[0] << 8 | header[1];
                header[0] = 0x81;
            }

            var payload = new byte[length];
            await Stream.ReadExactlyAsync(payload, TestContext.Current.CancellationToken);
            return (header[0] & 0xF, payload);
        }

        public Task WriteTextAsync(string text) => Stream.WriteAsync(Text(text), TestContext.Current.CancellationToken).AsTask();

        public void Dispose() => tcp.Dispose();
    }
}
