using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace SocketIO.Tests.Server;

/// <summary>Polls that wait when the session moves to WebSocket. A client's connections may be read in another order than it wrote to them.</summary>
public sealed class LatePollTests
{
    /// <summary>Stands still, so that no noop answers a poll unless a test wants one.</summary>
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UtcNow);

    [Fact]
    public async Task PollReadBeforeTheUpgradeThatItFollowed_IsRefused()
    {
        var polls = new SemaphoreSlim(0);
        await using var server = await StartAsync(polls);
        using var http = new HttpClient { BaseAddress = server.Url };
        var poller = await PollingClient.OpenAsync(http);
        using var socket = await ConnectAsync(server, poller);

        var poll = poller.GetAsync();
        await polls.WaitAsync(TestContext.Current.CancellationToken);
        await UpgradeAsync(socket);

        using var answer = await poll;
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("""{"code":3,"message":"Bad request"}""", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task PollThatWaitedBeforeTheWebSocketCame_EndsWithANoop()
    {
        var polls = new SemaphoreSlim(0);
        await using var server = await StartAsync(polls);
        using var http = new HttpClient { BaseAddress = server.Url };
        var poller = await PollingClient.OpenAsync(http);

        var poll = poller.PollAsync();
        await polls.WaitAsync(TestContext.Current.CancellationToken);
        using var socket = await ConnectAsync(server, poller);
        await UpgradeAsync(socket);

        Assert.Equal("6", await poll);
    }

    [Fact]
    public async Task PollThatHasNothingToBring_EndsSoonAfterTheProbe()
    {
        var polls = new SemaphoreSlim(0);
        await using var server = await StartAsync(polls);
        using var http = new HttpClient { BaseAddress = server.Url };
        var poller = await PollingClient.OpenAsync(http);
        var poll = poller.PollAsync();
        await polls.WaitAsync(TestContext.Current.CancellationToken);
        using var socket = await ConnectAsync(server, poller);
        await socket.SendAsync("2probe"u8.ToArray(), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);

        var answer = new byte[16];
        var received = await socket.ReceiveAsync(answer, TestContext.Current.CancellationToken);
        Assert.Equal("3probe"u8, answer.AsSpan(0, received.Count));

        Assert.False(poll.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(10));

        Assert.Equal("6", await poll);
    }

    private Task<TestServer> StartAsync(SemaphoreSlim polls) => TestServer.StartAsync(
        use: app => AnnouncePolls(app, polls), build: builder => builder.Services.AddSingleton<TimeProvider>(_clock));

    /// <summary>Counts the polls that wait on the server.</summary>
    private static void AnnouncePolls(WebApplication app, SemaphoreSlim polls) => app.Use(async (context, next) =>
    {
        var handled = next(context);
        if (HttpMethods.IsGet(context.Request.Method) && context.Request.Query.ContainsKey("sid") && !handled.IsCompleted)
        {
            polls.Release();
        }

        await handled;
    });

    private static async Task<ClientWebSocket> ConnectAsync(TestServer server, PollingClient poller)
    {
        var socket = new ClientWebSocket();
        var url = new UriBuilder(server.Url) { Scheme = "ws", Path = "/socket.io/", Query = $"EIO=4&transport=websocket&sid={poller.Sid}" };
        await socket.ConnectAsync(url.Uri, TestContext.Current.CancellationToken);
        return socket;
    }

    /// <summary>The probe, and the end of polling.</summary>
    private static async Task UpgradeAsync(ClientWebSocket socket)
    {
        await socket.SendAsync("2probe"u8.ToArray(), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);
        await socket.SendAsync("5"u8.ToArray(), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);
    }
}
