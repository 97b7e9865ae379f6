using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using StickyAspire.SocketIO;
using StickyAspire.SocketIO.Engine;

namespace SocketIO.Tests.Server;

/// <summary>What the options of the transports do.</summary>
public sealed class EngineOptionsTests
{
    private const string Polling = "/socket.io/?EIO=4&transport=polling";

    [Fact]
    public async Task AllowRequest_DecidesOnHandshakesOnly()
    {
        var calls = 0;
        await using var server = await TestServer.StartAsync(options => options.Engine.AllowRequest = context =>
        {
            calls++;
            return ValueTask.FromResult(context.Request.Query.ContainsKey("refuse") ? "not you" : null);
        });
        using var http = new HttpClient { BaseAddress = server.Url };

        using var refused = await http.GetAsync(Polling + "&refuse=1", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal("""{"code":4,"message":"not you"}""", await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

        var sid = await HandshakeAsync(http);
        using var post = await http.PostAsync($"{Polling}&sid={sid}&refuse=1", new StringContent("40"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, post.StatusCode);
        Assert.Equal(2, calls);
    }

    [Fact]
    public async Task Cookie_IsSentWithTheHandshakeAlone()
    {
        await using var server = await TestServer.StartAsync(options =>
            options.Engine.Cookie = new CookieBuilder { Name = "io", Path = "/", HttpOnly = true, SameSite = SameSiteMode.Lax });
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = server.Url };

        using var first = await http.GetAsync(Polling, TestContext.Current.CancellationToken);
        var sid = SidOf(await first.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal($"io={sid}; path=/; samesite=lax; httponly", Assert.Single(first.Headers.GetValues("Set-Cookie")));
        using var post = await http.PostAsync($"{Polling}&sid={sid}", new StringContent("40"), TestContext.Current.CancellationToken);
        Assert.False(post.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task HeaderHooks_SeeFirstAnswersAndAll()
    {
        var refused = new List<EngineError>();
        await using var server = await TestServer.StartAsync(options =>
        {
            options.Engine.OnInitialHeaders = (_, headers) => headers["X-First"] = "1";
            options.Engine.OnHeaders = (_, headers) => headers["X-All"] = "1";
            options.Engine.OnConnectionError = (_, error) => refused.Add(error);
        });
        using var http = new HttpClient { BaseAddress = server.Url };

        using var first = await http.GetAsync(Polling, TestContext.Current.CancellationToken);
        Assert.True(first.Headers.Contains("X-First") && first.Headers.Contains("X-All"));
        var sid = SidOf(await first.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        using var post = await http.PostAsync($"{Polling}&sid={sid}", new StringContent("40"), TestContext.Current.CancellationToken);
        Assert.True(!post.Headers.Contains("X-First") && post.Headers.Contains("X-All"));
        using var wrong = await http.GetAsync(Polling + "&sid=unknown", TestContext.Current.CancellationToken);
        Assert.Equal("Session ID unknown", Assert.Single(refused).Message);
    }

    [Fact]
    public async Task SessionIds_AndAFirstMessage_AreTheApplicationsToChoose()
    {
        await using var server = await TestServer.StartAsync(options =>
        {
            options.Engine.GenerateId = _ => ValueTask.FromResult("s1.chosen");
            options.Engine.InitialPacket = "welcome";
        });
        using var http = new HttpClient { BaseAddress = server.Url };

        var open = await http.GetStringAsync(Polling, TestContext.Current.CancellationToken);
        Assert.Equal("s1.chosen", SidOf(open));
        Assert.EndsWith("}\u001e4welcome", open, StringComparison.Ordinal);
        using var again = await http.GetAsync(Polling, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, again.StatusCode);
    }

    [Theory]
    [InlineData("gzip", 2_000, "gzip")]
    [InlineData("br;q=0.5, deflate", 2_000, "deflate")]
    [InlineData("gzip", 100, null)]
    [InlineData("identity", 2_000, null)]
    public async Task PollingAnswers_AreCompressedFromTheThresholdOn(string accepts, int length, string? expected)
    {
        await using var server = await TestServer.StartAsync(map: io => io.OnConnection(socket => socket.EmitAsync("text", new string('x', length)).AsTask()));
        using var http = new HttpClient { BaseAddress = server.Url };
        var sid = await HandshakeAsync(http);
        using var post = await http.PostAsync($"{Polling}&sid={sid}", new StringContent("40"), TestContext.Current.CancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Polling}&sid={sid}");
        request.Headers.TryAddWithoutValidation("Accept-Encoding", accepts);

        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(expected, answer.Content.Headers.ContentEncoding.SingleOrDefault());
    }

    [Fact]
    public async Task PerMessageDeflate_IsNegotiatedWhereItIsOn()
    {
        await using var server = await TestServer.StartAsync(
            options => options.Engine.PerMessageDeflate = true,
            io => io.OnConnection(socket => socket.On("ask", (string text) => text)));
        using var socket = new ClientWebSocket();
        socket.Options.DangerousDeflateOptions = new WebSocketDeflateOptions();
        socket.Options.CollectHttpResponseDetails = true;
        await socket.ConnectAsync(WebSocketUrl(server), TestContext.Current.CancellationToken);
        Assert.Contains("permessage-deflate", socket.HttpResponseHeaders!["Sec-WebSocket-Extensions"].Single(), StringComparison.Ordinal);

        await ReceiveAsync(socket);
        await socket.SendAsync("40"u8.ToArray(), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);
        await ReceiveAsync(socket);
        var text = new string('x', 5_000);
        await socket.SendAsync(Encoding.UTF8.GetBytes($"421[\"ask\",\"{text}\"]"), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);
        Assert.Equal($"431[\"{text}\"]", await ReceiveAsync(socket));
    }

    [Fact]
    public async Task EndpointPolicy_GuardsEveryRequest_AndTheSocketKnowsItsUser()
    {
        await using var server = await TestServer.StartAsync(
            map: io => io.OnConnection(socket => socket.On("who", () => socket.User.Identity!.Name)),
            build: builder =>
            {
                builder.Services.AddAuthentication("key").AddScheme<AuthenticationSchemeOptions, KeyAuthentication>("key", _ => { });
                builder.Services.AddAuthorizationBuilder().SetFallbackPolicy(new Microsoft.AspNetCore.Authorization.AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
            },
            use: app => app.UseAuthentication().UseAuthorization());
        using var http = new HttpClient { BaseAddress = server.Url };

        using var refused = await http.GetAsync(Polling, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("key", "ann");
        var sid = await HandshakeAsync(http);
        using var post = await http.PostAsync($"{Polling}&sid={sid}", new StringContent("40\u001e421[\"who\"]"), TestContext.Current.CancellationToken);
        var answer = await http.GetStringAsync($"{Polling}&sid={sid}", TestContext.Current.CancellationToken);
        Assert.EndsWith("431[\"ann\"]", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/socket.io")]
    [InlineData("/socket.io/")]
    public async Task Path_IsServedWithAndWithoutTheSlashAtItsEnd(string path)
    {
        await using var server = await TestServer.StartAsync();
        using var http = new HttpClient { BaseAddress = server.Url };

        Assert.StartsWith("0{", await http.GetStringAsync($"{path}?EIO=4&transport=polling", TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WrongOption_IsToldAtTheStartByName()
    {
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => TestServer.StartAsync(options =>
        {
            options.Engine.PingInterval = TimeSpan.Zero;
            options.MaxPendingEvents = 0;
        }));

        Assert.Contains("SocketIOOptions.Engine.PingInterval is 00:00:00: allowed is more than zero and up to one day.", exception.Message, StringComparison.Ordinal);
        Assert.Contains("MaxPendingEvents", exception.Message, StringComparison.Ordinal);
    }

    private static async Task<string> HandshakeAsync(HttpClient http) => SidOf(await http.GetStringAsync(Polling, TestContext.Current.CancellationToken));

    private static string SidOf(string open) => System.Text.Json.JsonElement.Parse(open.Split('\x1e')[0][1..]).GetProperty("sid").GetString()!;

    private static Uri WebSocketUrl(TestServer server) =>
        new UriBuilder(server.Url) { Scheme = "ws", Path = "/socket.io/", Query = "EIO=4&transport=websocket" }.Uri;

    private static async Task<string> ReceiveAsync(WebSocket socket)
    {
        var buffer = new byte[64 * 1024];
        var length = 0;
        WebSocketReceiveResult result;
        do
        {
            result = await socket.ReceiveAsync(new ArraySegment<byte>(buffer, length, buffer.Length - length), TestContext.Current.CancellationToken);
            length += result.Count;
        }
        while (!result.EndOfMessage);
        return Encoding.UTF8.GetString(buffer, 0, length);
    }
}
