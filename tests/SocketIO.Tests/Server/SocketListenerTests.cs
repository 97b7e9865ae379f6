using System.Collections.Concurrent;
using StickyAspire.SocketIO;

namespace SocketIO.Tests.Server;

/// <summary>Who sees a socket's events, and in which order: listeners, middleware, handlers.</summary>
public sealed class SocketListenerTests
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
    public async Task ConnectionHandlers_RunOnceEach_ThoughTheSameIsThereTwice_AndOneTakesItsTime()
    {
        var calls = new ConcurrentQueue<string>();
        var slow = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task Handle(ISocketIOSocket socket)
        {
            calls.Enqueue("same");
            return calls.Count == 1 ? Task.CompletedTask : slow.Task;
        }

        await using var server = await TestServer.StartAsync(map: io =>
        {
            io.OnConnection(Handle);
            io.OnConnection(_ =>
            {
                calls.Enqueue("between");
                return Task.CompletedTask;
            });
            io.OnConnection(Handle);
            io.OnConnection(socket =>
            {
                calls.Enqueue("last");
                socket.On("ping?", () => "pong");
                return Task.CompletedTask;
            });
        });
        await using var client = await server.ConnectAsync();
        await client.SendAsync("""421["ping?"]""");
        slow.SetResult();

        await client.ExpectAsync("""431["pong"]""");
        Assert.Equal(["same", "between", "same", "last"], calls);
    }
}
