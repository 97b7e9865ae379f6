using System.Net;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using StickyAspire.SocketIO;
using StickyAspire.SocketIO.Engine;

namespace SocketIO.Tests.Server;

/// <summary>The endpoint in ASP.NET Core: policies, CORS, middleware, HTTP/2.</summary>
public sealed class EndpointTests
{
    private const string Origin = "http://elsewhere.test";

    [Fact]
    public async Task RequireCors_AnswersPreflights_AndMarksEveryAnswer()
    {
        var directory = Directory.CreateTempSubdirectory();
        await File.WriteAllTextAsync(Path.Combine(directory.FullName, "socket.io.min.js"), "client", TestContext.Current.CancellationToken);
        await using var server = await TestServer.StartAsync(
            options => options.ClientDirectory = directory.FullName,
            build: builder => builder.Services.AddCors(cors => cors.AddPolicy("chat", policy => policy.WithOrigins(Origin).WithMethods("GET", "POST").WithHeaders("x-custom").AllowCredentials())),
            use: app => app.UseRouting().UseCors(),
            endpoint: endpoint => endpoint.RequireCors("chat"));
        using var http = new HttpClient { BaseAddress = server.Url };
        http.DefaultRequestHeaders.Add("Origin", Origin);

        using var preflight = new HttpRequestMessage(HttpMethod.Options, PollingClient.Path);
        preflight.Headers.Add("Access-Control-Request-Method", "POST");
        preflight.Headers.Add("Access-Control-Request-Headers", "x-custom");
        using var allowed = await http.SendAsync(preflight, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NoContent, allowed.StatusCode);
        Assert.Equal("x-custom", Assert.Single(allowed.Headers.GetValues("Access-Control-Allow-Headers")));
        foreach (var (path, status) in ((string, HttpStatusCode)[])
            [(PollingClient.Path, HttpStatusCode.OK), (PollingClient.Path + "&sid=unknown", HttpStatusCode.BadRequest), ("/socket.io/socket.io.min.js", HttpStatusCode.OK)])
        {
            using var answer = await http.GetAsync(path, TestContext.Current.CancellationToken);
            Assert.Equal(status, answer.StatusCode);
            Assert.Equal(Origin, Assert.Single(answer.Headers.GetValues("Access-Control-Allow-Origin")));
            Assert.Equal("true", Assert.Single(answer.Headers.GetValues("Access-Control-Allow-Credentials")));
        }

        directory.Delete(recursive: true);
    }

    [Fact]
    public async Task RequireAuthorization_GuardsPollingAndWebSocket()
    {
        await using var server = await TestServer.StartAsync(
            build: builder =>
            {
                builder.Services.AddAuthentication("key").AddScheme<Microsoft.AspNetCore.Authentication.AuthenticationSchemeOptions, KeyAuthentication>("key", _ => { });
                builder.Services.AddAuthorization();
            },
            map: io => io.OnConnection(socket => socket.On("who", () => socket.User.Identity!.Name)),
            use: app => app.UseAuthentication().UseAuthorization(),
            endpoint: endpoint => endpoint.RequireAuthorization());
        using var http = new HttpClient { BaseAddress = server.Url };
        using var refused = await http.GetAsync(PollingClient.Path, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);

        using var stranger = new ClientWebSocket();
        stranger.Options.CollectHttpResponseDetails = true;
        await Assert.ThrowsAsync<WebSocketException>(() => stranger.ConnectAsync(WebSocketUrl(server), TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.Unauthorized, stranger.HttpStatusCode);

        using var ann = new ClientWebSocket();
        ann.Options.SetRequestHeader("Authorization", "key ann");
        await ann.ConnectAsync(WebSocketUrl(server), TestContext.Current.CancellationToken);
        await ReceiveAsync(ann);
        await SendAsync(ann, "40");
        await ReceiveAsync(ann);
        await SendAsync(ann, """421["who"]""");
        Assert.Equal("""431["ann"]""", await ReceiveAsync(ann));
    }

    [Fact]
    public async Task Middleware_SeesEveryRequest_AndItsHeadersGoOut()
    {
        var seen = new System.Collections.Concurrent.ConcurrentQueue<string>();
        await using var server = await TestServer.StartAsync(use: app => app.Use(async (context, next) =>
        {
            seen.Enqueue(context.Request.Method + (context.WebSockets.IsWebSocketRequest || context.Request.Headers.Upgrade.Count > 0 ? " upgrade" : ""));
            context.Response.Headers["X-Middleware"] = "1";
            await next();
        }));
        using var http = new HttpClient { BaseAddress = server.Url };
        using var open = await http.GetAsync(PollingClient.Path, TestContext.Current.CancellationToken);
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        await socket.ConnectAsync(WebSocketUrl(server), TestContext.Current.CancellationToken);

        Assert.True(open.Headers.Contains("X-Middleware"));
        Assert.Equal(["1"], socket.HttpResponseHeaders!["X-Middleware"]);
        Assert.Equal(["GET", "GET upgrade"], seen);
    }

    [Fact]
    public async Task Http2_CarriesPollingAndWebSocket_AndTheUpgradeFromOneToTheOther()
    {
        await using var server = await TestServer.StartAsync(
            map: io => io.OnConnection(socket => socket.On("echo", (string text) => text)),
            kestrel: options => options.ConfigureEndpointDefaults(listen => listen.Protocols = HttpProtocols.Http2));
        using var handler = new SocketsHttpHandler();
        using var http = new HttpClient(handler)
        {
            BaseAddress = server.Url, DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        var open = await http.GetStringAsync(PollingClient.Path, TestContext.Current.CancellationToken);
        var sid = System.Text.Json.JsonElement.Parse(open[1..]).GetProperty("sid").GetString();
        var poller = new PollingClient(http, $"{PollingClient.Path}&sid={sid}");
        await poller.PostAsync("40");
        Assert.StartsWith("40{", await poller.PollAsync(), StringComparison.Ordinal);
        await poller.PostAsync("""421["echo","polling"]""");
        Assert.Equal("""431["polling"]""", (await poller.PollAsync())[..]);

        using var socket = new ClientWebSocket();
        socket.Options.HttpVersion = HttpVersion.Version20;
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        var url = new UriBuilder(WebSocketUrl(server));
        url.Query += "&sid=" + sid;
        await socket.ConnectAsync(url.Uri, http, TestContext.Current.CancellationToken);
        await SendAsync(socket, "2probe");
        Assert.Equal("3probe", await ReceiveAsync(socket));
        Assert.Equal("6", await poller.PollAsync());
        await SendAsync(socket, "5");
        await SendAsync(socket, """422["echo","websocket"]""");
        Assert.Equal("""432["websocket"]""", await ReceiveAsync(socket));

        using var tooBig = await http.PostAsync(PollingClient.Path + "&sid=" + SidOf(await http.GetStringAsync(PollingClient.Path, TestContext.Current.CancellationToken)),
            new ByteArrayContent(new byte[1_000_001]), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, tooBig.StatusCode);
    }

    [Fact]
    public async Task RefusedRequest_TellsTheHookWhy()
    {
        var errors = new List<EngineError>();
        await using var server = await TestServer.StartAsync(options =>
        {
            options.Engine.OnConnectionError = (_, error) => errors.Add(error);
            options.Engine.AllowRequest = context => ValueTask.FromResult(context.Request.Query["who"] == "nobody" ? "" : null);
            options.Engine.GenerateId = context => context.Request.Query["who"] == "fail" ? throw new InvalidOperationException("no ids left") : ValueTask.FromResult("id");
        });
        using var http = new HttpClient { BaseAddress = server.Url };
        foreach (var query in (string[])
            ["transport=abc", "transport=polling&sid=x", "transport=websocket", "transport=polling&who=nobody", "transport=polling&who=fail", "transport=polling", "transport=polling&EIO=3&sid=id"])
        {
            using var answer = await http.GetAsync($"/socket.io/?EIO=4&{query}", TestContext.Current.CancellationToken);
        }

        Assert.Equal(
            [
                (0, "Transport unknown", null), (1, "Session ID unknown", null), (3, "Bad request", "TRANSPORT_HANDSHAKE_ERROR"), (4, "Forbidden", null),
                (3, "Bad request", "ID_GENERATION_ERROR"), (3, "Bad request", "PROTOCOL_MISMATCH"),
            ],
            errors.Select(error => (error.Code, error.Message, error.Reason)));
        Assert.Equal("no ids left", errors[4].Exception!.Message);
    }

    [Fact]
    public async Task EngineEndpointWithWrongOptions_IsRefusedAtOnce()
    {
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => TestServer.StartAsync(use: app => app.MapEngineIO("/engine.io", _ => null!, options =>
        {
            options.PingTimeout = TimeSpan.Zero;
            options.MaxHttpBufferSize = 0;
        })));

        Assert.Equal(
            ["EngineOptions.PingTimeout is 00:00:00: allowed is more than zero and up to one day.", "EngineOptions.MaxHttpBufferSize is 0: allowed is 1 to 1073741823."], error.Failures);
    }

    private static string SidOf(string open) => System.Text.Json.JsonElement.Parse(open[1..]).GetProperty("sid").GetString()!;

    private static Uri WebSocketUrl(TestServer server) => new UriBuilder(server.Url) { Scheme = "ws", Path = "/socket.io/", Query = "EIO=4&transport=websocket" }.Uri;

    private static Task SendAsync(WebSocket socket, string packet) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(packet), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);

    private static async Task<string> ReceiveAsync(WebSocket socket)
    {
        var buffer = new byte[4096];
        var result = await socket.ReceiveAsync(new ArraySegment<byte>(buffer), TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(buffer, 0, result.Count);
    }
}
