using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace SocketIO.Tests.Server;

/// <summary>Polls that wait when the session moves to WebSocket. A client's connections may be read in another order than it wrote to them.</summary>
public sealed class LatePollTests
{
    [Fact]
    public async Task PollReadBeforeTheUpgradeThatItFollowed_IsRefused()
    {
        var polls = new SemaphoreSlim(0);
        await using var server = await TestServer.StartAsync(use: app => AnnouncePolls(app, polls));
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
        await using var server = await TestServer.StartAsync(use: app => AnnouncePolls(app, polls));
        using var http = new HttpClient { BaseAddress = server.Url };
        var poller = await PollingClient.OpenAsync(http);

        var poll = poller.PollAsync();
        await polls.WaitAsync(TestContext.Current.CancellationToken);
        using var socket = await ConnectAsync(server, poller);
        await UpgradeAsync(socket);

        Assert.Equal("6", await poll);
    }

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

    /// <summary>Both packets at once, so that no noop answers the poll in between.</summary>
    private static async Task UpgradeAsync(ClientWebSocket socket)
    {
        await socket.SendAsync("2probe"u8.ToArray(), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);
        await socket.SendAsync("5"u8.ToArray(), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);
    }
}
