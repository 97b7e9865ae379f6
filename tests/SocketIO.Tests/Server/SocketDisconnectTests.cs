using System.Collections.Concurrent;
using StickyAspire.SocketIO;

namespace SocketIO.Tests.Server;

/// <summary>A socket's ends, and the reasons given for them.</summary>
public sealed class SocketDisconnectTests
{
    [Fact]
    public async Task DisconnectOfTheWholeConnection_EndsEveryNamespace()
    {
        var reasons = new ConcurrentQueue<string>();
        var sockets = new ConcurrentQueue<ISocketIOSocket>();
        void Connect(ISocketIOSocket socket)
        {
            sockets.Enqueue(socket);
            socket.OnDisconnect(reason => reasons.Enqueue($"{socket.Namespace.Name} {reason}"));
        }

        await using var server = await TestServer.StartAsync(map: io =>
        {
            io.OnConnection(Connect);
            io.Of("custom").OnConnection(Connect);
        });
        await using var client = await server.ConnectAsync();
        await client.JoinAsync("/custom");
        await Eventually.TrueAsync(() => sockets.Count == 2, "both have been told of");
        await sockets.First().DisconnectAsync(close: true);

        await client.ExpectAsync("41", "41/custom,", null!);
        Assert.Equal(["/ server namespace disconnect", "/custom server namespace disconnect"], reasons);
    }

    [Fact]
    public async Task DisconnectOfOneNamespace_LeavesTheOthers()
    {
        var reason = new TaskCompletionSource<string>();
        await using var server = await TestServer.StartAsync(map: io =>
        {
            io.OnConnection(socket => socket.On("ping?", () => "pong!"));
            io.Of("/custom").OnConnection(async socket =>
            {
                socket.OnDisconnect(reason.SetResult);
                await socket.DisconnectAsync();
            });
        });
        await using var client = await server.ConnectAsync();
        await client.JoinAsync("/custom");

        await client.ExpectAsync("41/custom,");
        Assert.Equal("server namespace disconnect", await reason.Task);
        await client.SendAsync("""421["ping?"]""");
        await client.ExpectAsync("""431["pong!"]""");
    }

    [Fact]
    public async Task ServerThatCloses_SaysSo_AndLetsNobodyIn()
    {
        ISocketIOSocket? polling = null;
        var reasons = new ConcurrentQueue<string>();
        await using var server = await TestServer.StartAsync(map: io => io.OnConnection(socket =>
        {
            socket.OnDisconnect(reasons.Enqueue);
            polling = socket;
        }));
        await using var client = await server.ConnectAsync();
        using var http = new HttpClient { BaseAddress = server.Url };
        var poller = await PollingClient.OpenAsync(http);
        await poller.PostAsync("40");
        await poller.PollAsync();
        var poll = poller.PollAsync();
        await Eventually.TrueAsync(() => polling!.Session.IsWritable, "the poll has come");

        await server.IO.CloseAsync();

        Assert.Null(await client.ReceiveAsync());
        Assert.Equal("1", await poll);
        Assert.Equal(["server shutting down", "server shutting down"], reasons);
        using var late = await http.GetAsync(PollingClient.Path, TestContext.Current.CancellationToken);
        Assert.False(late.IsSuccessStatusCode);
    }

    [Theory]
    [InlineData("""4abc""", "forced close")]
    [InlineData("""42["connect"]""", "forced close")]
    [InlineData("""40""", "forced server close")]
    [InlineData("""42/other,["x"]""", "forced server close")]
    [InlineData("x", "parse error")]
    [InlineData("2", "transport error")]
    [InlineData("1", "transport close")]
    public async Task Violations_EndWithNodesReasons(string packet, string expected)
    {
        var reason = new TaskCompletionSource<string>();
        var error = new TaskCompletionSource<string>();
        var isIn = false;
        await using var server = await TestServer.StartAsync(map: io => io.OnConnection(socket =>
        {
            socket.OnDisconnect(reason.SetResult);
            socket.OnError(exception => error.SetResult(exception.Message));
            isIn = true;
        }));
        await using var client = await server.ConnectAsync();
        await Eventually.TrueAsync(() => isIn, "the connection handler has run");
        await client.SendAsync(packet);

        Assert.Equal(expected, await reason.Task.WaitAsync(TestContext.Current.CancellationToken));
        Assert.Null(await client.ReceiveAsync());
        Assert.Equal(expected == "forced close", error.Task.IsCompleted);
    }

    [Fact]
    public async Task ConnectionThatBreaks_IsATransportClose()
    {
        var reason = new TaskCompletionSource<string>();
        await using var server = await TestServer.StartAsync(map: io => io.OnConnection(async socket =>
        {
            socket.OnDisconnect(reason.SetResult);
            await socket.EmitAsync("in");
        }));
        await using var client = await server.ConnectAsync();
        await client.ExpectAsync("""42["in"]""");
        client.Abort();

        Assert.Equal("transport close", await reason.Task.WaitAsync(TestContext.Current.CancellationToken));
    }
}
