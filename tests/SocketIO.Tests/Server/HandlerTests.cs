using Microsoft.Extensions.DependencyInjection;
using StickyAspire.SocketIO;

namespace SocketIO.Tests.Server;

/// <summary>Handlers as classes.</summary>
public sealed class HandlerTests
{
    [Fact]
    public async Task Methods_AnswerByWhatTheyReturn()
    {
        await using var server = await TestServer.StartAsync(map: io => io.MapHandler<Calculator>(), build: builder => builder.Services.AddScoped<Counter>());
        await using var client = await server.ConnectAsync();

        // Handlers that await run beside each other, and answer in whichever order they end.
        await client.SendAsync("""421["add",2,3]""");
        await client.SendAsync("""422["add-later",2,3]""");
        await client.ExpectAsync("431[5]", "432[5]");
        await client.SendAsync("""423["add-later-still",2]""");
        await client.ExpectAsync("433[12]");
        await client.SendAsync("""424["nothing"]""");
        await client.SendAsync("""425["acknowledge",{"name":"ann"}]""");
        await client.SendAsync("""426["fail"]""");
        await client.SendAsync("""427["add","two"]""");

        await client.ExpectAsync(
            """435["ann"]""", """436[{"error":"not today"}]""", """437[{"error":"The event's arguments are not of the expected types."}]""");
    }

    [Theory]
    [InlineData(HandlerLifetime.Call, "[1]", "[1]")]
    [InlineData(HandlerLifetime.Connection, "[1]", "[2]")]
    public async Task Instance_AndItsServices_LiveAsLongAsAskedFor(HandlerLifetime lifetime, string first, string second)
    {
        await using var server = await TestServer.StartAsync(map: io => io.MapHandler<Calculator>(lifetime), build: builder => builder.Services.AddScoped<Counter>());
        await using var client = await server.ConnectAsync();

        await client.SendAsync("""421["count"]""");
        await client.ExpectAsync("431" + first);
        await client.SendAsync("""422["count"]""");
        await client.ExpectAsync("432" + second);
    }

    [Fact]
    public async Task ConnectingAndDisconnecting_AreCalls()
    {
        var log = new Log();
        await using var server = await TestServer.StartAsync(map: io => io.Of("/chat").MapHandler<Greeter>(), build: builder => builder.Services.AddSingleton(log));
        await using var client = await server.ConnectAsync("/chat");

        await client.ExpectAsync("""42/chat,["welcome"]""");
        await client.SendAsync("41/chat,");

        await Eventually.TrueAsync(() => log.Reason is not null, "the handler is told");
        Assert.Equal("client namespace disconnect", log.Reason);
    }

    [Fact]
    public async Task ClassWithoutEvents_IsRefusedAtOnce()
    {
        await using var server = await TestServer.StartAsync();

        Assert.Throws<InvalidOperationException>(() => server.IO.MapHandler<Empty>());
    }

    public sealed class Counter
    {
        private int _count;

        public int Next() => ++_count;
    }

    public sealed class Log
    {
        public string? Reason { get; set; }
    }

    public sealed record Person(string Name);

#pragma warning disable CA1822 // Event methods are instance methods.
    public sealed class Calculator(Counter counter) : SocketIOHandler
    {
        [SocketIOEvent("add")]
        public int Add(int a, int b) => a + b;

        [SocketIOEvent("add-later")]
        public async Task<int> AddLaterAsync(int a, int b)
        {
            await Task.Yield();
            return a + b;
        }

        [SocketIOEvent("add-later-still")]
        public async ValueTask<int> AddLaterStillAsync(int a, CancellationToken disconnected, int b = 10)
        {
            await Task.Yield();
            disconnected.ThrowIfCancellationRequested();
            return a + b;
        }

        [SocketIOEvent("nothing")]
        public void Nothing()
        {
        }

        [SocketIOEvent("acknowledge")]
        public async Task AcknowledgeAsync(Person person, SocketIOAck ack, ISocketIOSocket socket)
        {
            Assert.Same(Socket, socket);
            await ack.SendAsync(person.Name);
        }

        [SocketIOEvent("fail")]
        public Task FailAsync() => throw new SocketIOException("not today");

        [SocketIOEvent("count")]
        public int Count() => counter.Next();
    }

    public sealed class Greeter(Log log) : SocketIOHandler
    {
        public override async Task OnConnectedAsync() => await Socket.EmitAsync("welcome");

        public override Task OnDisconnectedAsync(string reason)
        {
            log.Reason = reason;
            return Task.CompletedTask;
        }

        [SocketIOEvent("any")]
        public void Any()
        {
        }
    }

    public sealed class Empty : SocketIOHandler;
#pragma warning restore CA1822
}
