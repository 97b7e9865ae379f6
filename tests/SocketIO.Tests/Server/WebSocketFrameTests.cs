using System.Text;
using StickyAspire.SocketIO;

namespace SocketIO.Tests.Server;

/// <summary>The server's side of RFC 6455, byte by byte.</summary>
public sealed class WebSocketFrameTests
{
    [Fact]
    public async Task Handshake_ProvesThatTheKeyWasRead()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await RawClient.OpenAsync(server.Url);

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
        using var client = await RawClient.OpenAsync(server.Url);
        await client.ReadHeadersAsync();
        Assert.StartsWith("0{", Encoding.UTF8.GetString((await client.ReadFrameAsync()).Payload), StringComparison.Ordinal);

        await client.Stream.WriteAsync(frame, TestContext.Current.CancellationToken);

        Assert.Equal((8, status), await client.ReadCloseAsync());
        client.EndSending();
        Assert.Equal(0, await client.Stream.ReadAsync(new byte[1], TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("on the connection")]
    [InlineData("on the request's stream")]
    [InlineData("of the framework")]
    public async Task ClientThatIsStillSending_HearsWhyItsConnectionEnds(string link)
    {
        await using var server = await TestServer.StartAsync(
            options => options.Engine.PerMessageDeflate = link == "of the framework",
            kestrel: options => options.Limits.MaxConcurrentUpgradedConnections = link == "on the request's stream" ? 1 : null);
        using var client = await RawClient.OpenAsync(server.Url);
        await client.ReadHeadersAsync();
        await client.ReadFrameAsync();

        // Far more than the sockets between take: all of it is written only if the server reads on.
        var payload = new byte[32 * 1024 * 1024];
        await client.Stream.WriteAsync((byte[])[0x82, 0xFF, 0, 0, 0, 0, 0x02, 0, 0, 0, 0, 0, 0, 0], TestContext.Current.CancellationToken);
        await client.Stream.WriteAsync(payload, TestContext.Current.CancellationToken);
        await client.WriteTextAsync("4no longer read");

        Assert.Equal((8, 1009), await client.ReadCloseAsync());
        await Eventually.TrueAsync(() => server.SessionCount == 0, "the session has ended before its connection");
        await client.Stream.WriteAsync((byte[])[0x88, 0x82, 0, 0, 0, 0, 0x03, 0xF1], TestContext.Current.CancellationToken);
        Assert.Equal(0, await client.Stream.ReadAsync(new byte[1], TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ClientThatGoesWithoutACloseFrame_GetsNone(bool onStream)
    {
        await using var server = await TestServer.StartAsync(kestrel: options => options.Limits.MaxConcurrentUpgradedConnections = onStream ? 1 : null);
        using var client = await RawClient.OpenAsync(server.Url);
        await client.ReadHeadersAsync();
        await client.ReadFrameAsync();

        client.EndSending();

        Assert.Equal(0, await client.Stream.ReadAsync(new byte[1], TestContext.Current.CancellationToken));
        await Eventually.TrueAsync(() => server.SessionCount == 0, "the session has ended");
    }

    [Fact]
    public async Task Pings_AreAnsweredWithTheLastOnesPayload_AndMessagesInOneReadInTheirOrder()
    {
        await using var server = await TestServer.StartAsync(map: io => io.OnConnection(socket => socket.On("n", (SocketIOAck ack, int n) => ack.SendAsync(n).AsTask())));
        using var client = await RawClient.OpenAsync(server.Url);
        await client.ReadHeadersAsync();
        await client.ReadFrameAsync();
        await client.WriteTextAsync("40");
        await client.ReadFrameAsync();

        await client.Stream.WriteAsync((byte[])[0x89, 0x81, 0, 0, 0, 0, (byte)'p', .. RawClient.Text("420[\"n\",0]"), .. RawClient.Text("421[\"n\",1]"), .. RawClient.Text("422[\"n\",2]")], TestContext.Current.CancellationToken);

        var frames = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            var (header, payload) = await client.ReadFrameAsync();
            frames.Add(((header & 0xF) == 10 ? "pong " : "") + Encoding.UTF8.GetString(payload));
        }

        Assert.Contains("pong p", frames);
        Assert.Equal(["430[0]", "431[1]", "432[2]"], frames.Where(frame => frame[0] == '4'));
    }
}
