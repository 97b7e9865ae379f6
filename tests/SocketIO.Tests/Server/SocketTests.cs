using System.Collections.Concurrent;
using StickyAspire.SocketIO;

namespace SocketIO.Tests.Server;

/// <summary>What a socket does: listeners, middleware, flags, its ends.</summary>
public sealed class SocketTests
{
    [Fact]
    public async Task OnAny_SeesWhatComes_BeforeMiddlewareAndHandlers()
    {
        var seen = new ConcurrentQueue<string>();
        await using var server = await TestServer.StartAsync(map: io => io.OnConnection(socket =>
        {
            socket.OnAny((name, payload) => seen.Enqueue($"any {name} {payload.Count}"));
            socket.OnAny((name, _) => seen.Enqueue($"first {name}"), prepend: true);
            socket.Use(context =>
            {
                seen.Enqueue($"use {context.EventName}");
                return context.EventName == "refused" ? throw new SocketIOException("not this") : Task.CompletedTask;
            });
            socket.OnError(error => seen.Enqueue($"error {error.Message}"));
            socket.On("refused", () => seen.Enqueue("never"));
            socket.On("taken", (int n) => seen.Enqueue($"handler {n}"));
            Assert.Equal(2, socket.AnyListeners.Count);
        }));
        await using var client = await server.ConnectAsync();
        await client.SendAsync("""421["refused",1,2]""");
        await client.ExpectAsync("""431[{"error":"not this"}]""");
        await client.SendAsync("""42["taken",5]""");
        await client.SendAsync("42[7]");

        await Eventually.TrueAsync(() => seen.Contains("use 7"), "the last event has come");
        Assert.Equal(
            ["first refused", "any refused 2", "use refused", "error not this", "first taken", "any taken 1", "use taken", "handler 5", "first 7", "any 7 0", "use 7"], seen);

        var socket = await server.GetSocketAsync(client);
        socket.OffAny(socket.AnyListeners[0]);
        Assert.Single(socket.AnyListeners);
        socket.OffAny();
        await client.SendAsync("""422["unheard"]""");
        await client.SendAsync("""42["taken",6]""");
        await Eventually.TrueAsync(() => seen.Contains("handler 6"), "the next event has come");
        Assert.DoesNotContain(seen, each => each.StartsWith("any taken", StringComparison.Ordinal) && each != "any taken 1");
        Assert.Equal(["use unheard", "use taken", "handler 6"], seen.TakeLast(3));
    }

    [Fact]
    public async Task OnAnyOutgoing_SeesEmitsAndBroadcasts_AndItsFailuresHurtNobody()
    {
        var seen = new ConcurrentQueue<string>();
        await using var server = await TestServer.StartAsync();
        await using var a = await server.ConnectAsync();
        await using var b = await server.ConnectAsync();
        ISocketIOSocket[] sockets = [await server.GetSocketAsync(a), await server.GetSocketAsync(b)];
        void Look(string name, StickyAspire.SocketIO.Serialization.SocketIOPayload payload) => seen.Enqueue($"{name} {payload.Get<int>(0)}");
        sockets[0].OnAnyOutgoing(Look);
        sockets[0].OnAnyOutgoing((_, _) => throw new InvalidOperationException("a listener's own fault"));

        await sockets[0].EmitAsync("one", 1);
        await server.IO.EmitAsync("all", 2);
        await a.ExpectAsync("""42["one",1]""", """42["all",2]""");
        await b.ExpectAsync("""42["all",2]""");
        sockets[0].OffAnyOutgoing(Look);
        await server.IO.EmitAsync("all", 3);
        await a.ExpectAsync("""42["all",3]""");

        Assert.Equal(["one 1", "all 2"], seen);
        Assert.Single(sockets[0].AnyOutgoingListeners);
        sockets[0].OffAnyOutgoing();
        Assert.Empty(sockets[0].AnyOutgoingListeners);
    }

    [Fact]
    public async Task EventWhoseClientGoesWhileAMiddlewareWorks_IsNotHandled()
    {
        var started = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        var isHandled = false;
        var passed = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(map: io => io.OnConnection(socket =>
        {
            socket.Use(async _ =>
            {
                started.SetResult();
                await goOn.Task;
                passed.SetResult();
            });
            socket.On("event", () => isHandled = true);
        }));
        await using var client = await server.ConnectAsync();
        await client.SendAsync("""42["event"]""");
        await started.Task.WaitAsync(TestContext.Current.CancellationToken);
        await client.SendAsync("41");
        await Eventually.TrueAsync(() => server.IO.Sockets.Count == 0, "the client has left");

        goOn.SetResult();
        await passed.Task;
        await using var other = await server.ConnectAsync();
        Assert.False(isHandled);
    }

    [Fact]
    public async Task Volatile_IsDroppedWhileNobodyPolls_AndAnythingElseWaits()
    {
        var sockets = new List<ISocketIOSocket>();
        await using var server = await TestServer.StartAsync(map: io => io.OnConnection(sockets.Add));
        using var http = new HttpClient { BaseAddress = server.Url };
        var poller = await PollingClient.OpenAsync(http);
        await poller.PostAsync("40");
        await poller.PollAsync();
        await using var listener = await server.ConnectAsync();
        await server.GetSocketAsync(listener);

        await sockets[0].Volatile.EmitAsync("lost");
        await server.IO.Volatile.EmitAsync("half");
        await sockets[0].EmitAsync("kept");

        await listener.ExpectAsync("""42["half"]""");
        Assert.Equal("""42["kept"]""", await poller.PollAsync());

        var poll = poller.PollAsync();
        await Eventually.TrueAsync(
            () =>
            {
                _ = sockets[0].Volatile.EmitAsync("in time").AsTask();
                return poll.IsCompleted;
            },
            "somebody polls");
        Assert.Equal("""42["in time"]""", await poll);
    }

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

    [Theory]
    [InlineData("connect")]
    [InlineData("connect_error")]
    [InlineData("disconnect")]
    [InlineData("disconnecting")]
    [InlineData("newListener")]
    [InlineData("removeListener")]
    public async Task ReservedNames_AreRefused(string name)
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await server.ConnectAsync();
        var socket = await server.GetSocketAsync(client);

        await Assert.ThrowsAsync<ArgumentException>(async () => await socket.EmitAsync(name));
        await Assert.ThrowsAsync<ArgumentException>(async () => await server.IO.EmitAsync(name));
        Assert.Throws<ArgumentException>(() => socket.On(name, () => { }));
    }

    [Fact]
    public async Task Handshake_SaysHowTheClientCame()
    {
        ISocketIOSocket? socket = null;
        await using var server = await TestServer.StartAsync(
            map: io => io.Of("/a").OnConnection(connected => socket = connected),
            use: app => Microsoft.AspNetCore.Builder.UsePathBaseExtensions.UsePathBase(app, "/base"));
        using var http = new HttpClient { BaseAddress = server.Url };
        http.DefaultRequestHeaders.Add("Origin", "http://elsewhere.test");
        http.DefaultRequestHeaders.Add("X-Custom", "yes");
        var poller = await PollingClient.OpenAsync(http, "/base" + PollingClient.Path + "&key=a%20b&key=c");
        await poller.PostAsync("""40/a,{"token":"t"}""");
        await Eventually.TrueAsync(() => socket is not null, "the client is in");

        var handshake = socket!.Handshake;
        Assert.Equal("/base/socket.io/?EIO=4&transport=polling&key=a%20b&key=c", handshake.Url);
        Assert.Equal(["a b", "c"], handshake.Query["key"].ToArray());
        Assert.Equal("4", handshake.Query["EIO"]);
        Assert.Equal("yes", handshake.Headers["x-custom"]);
        Assert.Equal("127.0.0.1", handshake.Address);
        Assert.True(handshake.IsCrossOrigin);
        Assert.False(handshake.IsSecure);
        Assert.Equal("t", handshake.Auth.GetProperty("token").GetString());
        Assert.InRange(handshake.Time, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow);
        Assert.False(socket.User.Identity!.IsAuthenticated);
        Assert.Equal("polling", socket.Session.TransportName);
        Assert.NotEqual(socket.Session.Id, socket.Id);
    }

    [Fact]
    public async Task ManualNamespace_BelongsToThePatternItMatches()
    {
        await using var server = await TestServer.StartAsync(map: io =>
        {
            var created = new List<string>();
            io.OnNamespaceCreated(nsp => created.Add(nsp.Name));
            var rooms = io.Of(new System.Text.RegularExpressions.Regex(@"^/room-\d+$"));
            rooms.OnConnection(socket => socket.EmitAsync("welcome").AsTask());
            io.Of("/room-1");
            io.Of("/lobby");
            Assert.Equal(["/room-1", "/lobby"], created);
        });
        await using var client = await server.ConnectAsync("/room-1");

        await client.ExpectAsync("""42/room-1,["welcome"]""");
        await client.SendAsync("40/room-" + new string('1', 2_000));
        Assert.StartsWith("44/room-1", await client.ReceiveAsync(), StringComparison.Ordinal);
    }
}
