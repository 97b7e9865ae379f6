using System.Net;
using System.Net.WebSockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using StickyAspire.SocketIO;
using StickyAspire.SocketIO.Engine;

namespace SocketIO.Tests.Server;

/// <summary>Which transports there are, how a session gets from one to the other, and what they compress.</summary>
public sealed class TransportOptionsTests
{
    private static readonly string LongText = new('x', 2_000);

    [Fact]
    public async Task AllowUpgradesOff_OffersNone_AndClosesOneThatIsTriedAnyway()
    {
        await using var server = await TestServer.StartAsync(options => options.Engine.AllowUpgrades = false);
        using var http = new HttpClient { BaseAddress = server.Url };
        Assert.Contains("\"upgrades\":[]", await http.GetStringAsync(PollingClient.Path, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        var poller = await PollingClient.OpenAsync(http);

        using var socket = await ConnectAsync(server, poller.Sid);

        Assert.Null(await ReceiveAsync(socket));
        using var join = await poller.PostAsync("40");
        Assert.StartsWith("40{", await poller.PollAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task PollingAlone_RefusesWebSockets()
    {
        await using var server = await TestServer.StartAsync(options => options.Engine.Transports = EngineTransports.Polling);
        using var http = new HttpClient { BaseAddress = server.Url };

        Assert.Contains("\"upgrades\":[]", await http.GetStringAsync(PollingClient.Path, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync(server));
    }

    [Fact]
    public async Task WebSocketAlone_RefusesPolls()
    {
        await using var server = await TestServer.StartAsync(options => options.Engine.Transports = EngineTransports.WebSocket);
        using var http = new HttpClient { BaseAddress = server.Url };

        using var refused = await http.GetAsync(PollingClient.Path, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal("""{"code":0,"message":"Transport unknown"}""", await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        using var socket = await ConnectAsync(server);
        Assert.StartsWith("0{", await ReceiveAsync(socket), StringComparison.Ordinal);
    }

    [Fact]
    public async Task UpgradeThatIsNotFinishedInTime_IsClosed_AndTheSessionStays()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await TestServer.StartAsync(
            options => options.Engine.UpgradeTimeout = TimeSpan.FromSeconds(3), build: builder => builder.Services.AddSingleton<TimeProvider>(clock));
        using var http = new HttpClient { BaseAddress = server.Url };
        var poller = await PollingClient.OpenAsync(http);
        using var socket = await ConnectAsync(server, poller.Sid);
        await SendAsync(socket, "2probe");
        Assert.Equal("3probe", await ReceiveAsync(socket));

        var closed = ReceiveAsync(socket);
        clock.Advance(TimeSpan.FromSeconds(2));
        using var join = await poller.PostAsync("40");
        Assert.False(closed.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Null(await closed);
        Assert.StartsWith("40{", await poller.PollAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, 1_024, true, "gzip")]
    [InlineData(true, 1_024, false, null)]
    [InlineData(true, 4_096, true, null)]
    [InlineData(false, 1_024, true, null)]
    public async Task PollingAnswers_AreCompressedWhereAllAgree(bool option, int threshold, bool compress, string? expected)
    {
        await using var server = await TestServer.StartAsync(
            options => (options.Engine.HttpCompression, options.Engine.HttpCompressionThreshold) = (option, threshold),
            io => io.OnConnection(socket => socket.On("ask", () => socket.Compress(compress).EmitAsync("text", LongText).AsTask())));
        using var http = new HttpClient { BaseAddress = server.Url };
        http.DefaultRequestHeaders.TryAddWithoutValidation("Accept-Encoding", "gzip");
        var poller = await PollingClient.OpenAsync(http);
        using var join = await poller.PostAsync("40");

        // Alone: an answer is compressed if one of its packets may be.
        Assert.StartsWith("40{", await poller.PollAsync(), StringComparison.Ordinal);
        using var ask = await poller.PostAsync("""42["ask"]""");
        using var answer = await poller.GetAsync();

        Assert.Equal(expected, answer.Content.Headers.ContentEncoding.SingleOrDefault());
    }

    [Theory]
    [InlineData(1_024, true, true)]
    [InlineData(1_024, false, false)]
    [InlineData(4_096, true, false)]
    public async Task WebSocketMessages_AreCompressedWhereAllAgree(int threshold, bool compress, bool expected)
    {
        await using var server = await TestServer.StartAsync(
            options => (options.Engine.PerMessageDeflate, options.Engine.PerMessageDeflateThreshold) = (true, threshold),
            io => io.OnConnection(socket => socket.Compress(compress).EmitAsync("text", LongText).AsTask()));
        using var client = await RawClient.OpenWithAsync(server.Url, "Sec-WebSocket-Extensions: permessage-deflate\r\n");
        Assert.Contains("permessage-deflate", await client.ReadHeadersAsync(), StringComparison.Ordinal);
        await client.ReadFrameAsync();
        await client.WriteTextAsync("40");
        var (_, connect) = await client.ReadFrameAsync();
        Assert.StartsWith("40{", Encoding.UTF8.GetString(connect), StringComparison.Ordinal);

        var (_, payload) = await client.ReadFrameAsync();

        Assert.Equal(expected, client.IsCompressed);
        Assert.Equal(expected, payload.Length < LongText.Length);
    }

    private static async Task<ClientWebSocket> ConnectAsync(TestServer server, string? sid = null)
    {
        var socket = new ClientWebSocket();
        var url = new UriBuilder(server.Url) { Scheme = "ws", Path = "/socket.io/", Query = "EIO=4&transport=websocket" + (sid is null ? "" : "&sid=" + sid) };
        await socket.ConnectAsync(url.Uri, TestContext.Current.CancellationToken);
        return socket;
    }

    private static Task SendAsync(ClientWebSocket socket, string packet) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(packet), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);

    /// <summary>The next message; null when the server has closed.</summary>
    private static async Task<string?> ReceiveAsync(ClientWebSocket socket)
    {
        var buffer = new byte[4096];
        var result = await socket.ReceiveAsync(new ArraySegment<byte>(buffer), TestContext.Current.CancellationToken);
        return result.MessageType == WebSocketMessageType.Close ? null : Encoding.UTF8.GetString(buffer, 0, result.Count);
    }
}
