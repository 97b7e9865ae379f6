using StickyAspire.SocketIO;

namespace SocketIO.Tests.Server;

/// <summary>What may be emitted, and what becomes of it while nobody is there to take it.</summary>
public sealed class SocketEmitTests
{
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
}
