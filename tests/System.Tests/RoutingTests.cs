using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using StickyAspire.SystemTests.Running;
using StickyAspire.TestSupport;

namespace StickyAspire.SystemTests;

/// <summary>The article's ACLs: what goes to the cluster <c>websockets</c> gets its cookie, what goes to <c>web</c> does not.</summary>
[Collection(SharedSystemTests.Name)]
public sealed class RoutingTests(SharedSystem shared)
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler { UseCookies = false });

    [Fact]
    public async Task Page_GoesToWebAndGetsNoCookie()
    {
        using var answer = await Http.GetAsync(new Uri(shared.Url), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.False(answer.Headers.Contains("Set-Cookie"));
        Assert.Contains("<title>StickyAspire", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ws.example.test", true)]
    [InlineData("WS-chat.example.test", true)]
    [InlineData("www.example.test", false)]
    public async Task HostBeginningWithWs_GoesToWebsockets(string host, bool isSticky)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, shared.Url) { Headers = { Host = host } };

        using var answer = await Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(isSticky, answer.Headers.Contains("Set-Cookie"));
    }

    [Theory]
    [InlineData("WebSocket")]
    [InlineData("websocket")]
    public async Task UpgradeHeader_GoesToWebsockets(string upgrade)
    {
        // Not a WebSocket at all, but the header is what the ACL looks at.
        using var request = new HttpRequestMessage(HttpMethod.Get, shared.Url + "/anything");
        request.Headers.TryAddWithoutValidation("Connection", "Upgrade");
        request.Headers.TryAddWithoutValidation("Upgrade", upgrade);

        using var answer = await Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.True(answer.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task Health_IsAFewBytesFromTheGatewayItself()
    {
        using var answer = await Http.GetAsync(new Uri(shared.Url + "/health"), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("Healthy", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task WebSocketOverHttp2_ReachesWebsocketsAndSticks()
    {
        // A gateway of its own, with an HTTP/2 endpoint without TLS: also a second gateway in front of the same replicas, with nothing shared.
        var port = FreePort.Take();
        var environment = new Dictionary<string, string>
        {
            ["Kestrel__Endpoints__h2c__Url"] = $"http://127.0.0.1:{port}",
            ["Kestrel__Endpoints__h2c__Protocols"] = "Http2",
        };
        foreach (var replica in new[] { "realtime-1", "realtime-2", "realtime-3" })
        {
            environment[$"services__{replica}__http__0"] = shared.System.Get(replica).Url!;
        }

        await using var gateway = new RunningProgram("dotnet", [Repository.Assembly("Gateway")], Path.Combine(Repository.Root, "Gateway"), environment);
        using var invoker = new HttpMessageInvoker(new SocketsHttpHandler { UseCookies = false });
        await Eventually.TrueAsync(() => gateway.Output.Contains("Now listening", StringComparison.Ordinal), TimeSpan.FromSeconds(20), "the gateway listens");

        foreach (var server in (string[])["s1", "s2", "s3"])
        {
            using var socket = new ClientWebSocket();
            socket.Options.HttpVersion = HttpVersion.Version20;
            socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
            socket.Options.CollectHttpResponseDetails = true;
            socket.Options.SetRequestHeader("Cookie", $"SERVERID={server}");
            await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{port}/socket.io/?EIO=4&transport=websocket"), invoker, TestContext.Current.CancellationToken);

            Assert.Equal(HttpStatusCode.OK, socket.HttpStatusCode);
            var buffer = new byte[1024];
            var received = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
            var sid = JsonElement.Parse(Encoding.UTF8.GetString(buffer, 1, received.Count - 1)).GetProperty("sid").GetString();
            Assert.StartsWith(server + ".", sid, StringComparison.Ordinal);
        }

        // Without a known path either, the extended CONNECT alone is enough for the ACL.
        using var other = new ClientWebSocket();
        other.Options.HttpVersion = HttpVersion.Version20;
        other.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        other.Options.CollectHttpResponseDetails = true;
        await Assert.ThrowsAsync<WebSocketException>(() => other.ConnectAsync(new Uri($"ws://127.0.0.1:{port}/nothing-here"), invoker, TestContext.Current.CancellationToken));
        Assert.Contains(other.HttpResponseHeaders!, header => header.Key.Equals("Set-Cookie", StringComparison.OrdinalIgnoreCase));
    }
}
