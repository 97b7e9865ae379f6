using StickyAspire.SocketIO;

namespace SocketIO.Tests.Server;

/// <summary>Rooms, and whom a broadcast reaches.</summary>
public sealed class RoomTests
{
    [Fact]
    public async Task To_In_Except_ReachEachSocketOnce()
    {
        await using var server = await TestServer.StartAsync();
        await using var a = await server.ConnectAsync();
        await using var b = await server.ConnectAsync();
        await using var c = await server.ConnectAsync();
        ISocketIOSocket[] sockets = [await server.GetSocketAsync(a), await server.GetSocketAsync(b), await server.GetSocketAsync(c)];
        await sockets[0].JoinAsync("red", "blue");
        await sockets[1].JoinAsync("blue");
        await sockets[2].JoinAsync("blue", "green");

        await server.IO.To("red").In("blue").Except("green").EmitAsync("1");
        await server.IO.In("green", "red").EmitAsync("2");
        await server.IO.Except("blue").EmitAsync("nobody");
        await server.IO.To(a.Id).To("red").EmitAsync("3");
        await server.IO.Except(a.Id, c.Id).EmitAsync("4");
        await sockets[0].To("blue").EmitAsync("5");
        await sockets[0].Broadcast.EmitAsync("6");
        await sockets[0].Except("green").EmitAsync("7");
        await sockets[0].To(b.Id).EmitAsync("8");
        await server.IO.EmitAsync("end");

        await a.ExpectAsync("""42["1"]""", """42["2"]""", """42["3"]""", """42["end"]""");
        await b.ExpectAsync("""42["1"]""", """42["4"]""", """42["5"]""", """42["6"]""", """42["7"]""", """42["8"]""", """42["end"]""");
        await c.ExpectAsync("""42["2"]""", """42["5"]""", """42["6"]""", """42["end"]""");
    }

    [Fact]
    public async Task Operators_AreImmutable()
    {
        await using var server = await TestServer.StartAsync();
        await using var a = await server.ConnectAsync();
        await using var b = await server.ConnectAsync();
        ISocketIOSocket[] sockets = [await server.GetSocketAsync(a), await server.GetSocketAsync(b)];
        await sockets[0].JoinAsync("red");
        await sockets[1].JoinAsync("blue");

        var red = server.IO.To("red");
        var both = red.To("blue");
        await red.EmitAsync("red");
        await both.EmitAsync("both");

        await a.ExpectAsync("""42["red"]""", """42["both"]""");
        await b.ExpectAsync("""42["both"]""");
    }

    [Fact]
    public async Task Rooms_AreLeftOnDisconnect_ButNotBefore()
    {
        var disconnecting = new TaskCompletionSource<string[]>();
        var disconnected = new TaskCompletionSource<(string Reason, string[] Rooms)>();
        ISocketIOSocket? seen = null;
        await using var server = await TestServer.StartAsync(map: io => io.OnConnection(async socket =>
        {
            seen = socket;
            await socket.JoinAsync("red", "blue");
            await socket.LeaveAsync("blue");
            socket.OnDisconnecting(_ =>
            {
                disconnecting.SetResult([.. socket.Rooms]);
                return Task.CompletedTask;
            });
            socket.OnDisconnect(reason => disconnected.SetResult((reason, [.. socket.Rooms])));
        }));
        await using var client = await server.ConnectAsync();
        await client.SendAsync("41");

        Assert.Equal(new HashSet<string> { client.Id, "red" }, (await disconnecting.Task.WaitAsync(TestContext.Current.CancellationToken)).ToHashSet());
        var (reason, rooms) = await disconnected.Task.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal("client namespace disconnect", reason);
        Assert.Empty(rooms);
        Assert.False(seen!.IsConnected);
        await seen.JoinAsync("late");
        Assert.Empty(seen.Rooms);
        Assert.Empty(await server.IO.In("late").FetchSocketsAsync());
    }

    [Fact]
    public async Task MiddlewareThatRefuses_TakesTheSocketFromItsRooms_AndEndsWhatItBegan()
    {
        ISocketIOSocket? seen = null;
        CancellationToken left = default;
        Task<int>? answer = null;
        await using var server = await TestServer.StartAsync(map: io => io.Use(async socket =>
        {
            seen = socket;
            await socket.JoinAsync("red");
            left = socket.Disconnected;
            answer = socket.EmitWithAckAsync<int>("question");
            throw new SocketIOException("no", new Dictionary<string, object?> { ["code"] = 7 });
        }));
        await using var client = await TestClient.OpenAsync(server.Url);
        await client.SendAsync("40");

        await client.ExpectAsync("""44{"message":"no","data":{"code":7}}""");
        Assert.Empty(seen!.Rooms);
        Assert.Empty(await server.IO.In("red").FetchSocketsAsync());
        Assert.True(left.IsCancellationRequested);
        await Assert.ThrowsAsync<SocketIOException>(() => answer!.WaitAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task UtilityMethods_ActOnWhomTheyMean()
    {
        await using var server = await TestServer.StartAsync(map: io => io.Use(socket =>
        {
            socket.Data["n"] = 1;
            return Task.CompletedTask;
        }));
        await using var a = await server.ConnectAsync();
        await using var b = await server.ConnectAsync();
        await server.GetSocketAsync(b);

        await server.IO.SocketsJoinAsync("all");
        await server.IO.In(a.Id).SocketsJoinAsync("one", "two");
        await server.IO.In("all").Except("one").SocketsLeaveAsync("all");
        var fetched = await server.IO.In("all").FetchSocketsAsync();

        var socket = Assert.Single(fetched);
        Assert.Equal(a.Id, socket.Id);
        Assert.Equal(new HashSet<string> { a.Id, "all", "one", "two" }, socket.Rooms.ToHashSet());
        Assert.Equal(1, socket.Data.GetProperty("n").GetInt32());
        await socket.EmitAsync("hello");
        await socket.LeaveAsync("two");
        await a.ExpectAsync("""42["hello"]""");
        Assert.Empty(await server.IO.In("two").FetchSocketsAsync());

        await server.IO.In(a.Id).DisconnectSocketsAsync();
        await a.ExpectAsync("41");
        await server.IO.DisconnectSocketsAsync(close: true);
        await b.ExpectAsync("41", null!);
    }

    [Fact]
    public async Task FetchedSocket_IsAskedLikeASocket()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await server.ConnectAsync();
        await server.GetSocketAsync(client);
        var remote = Assert.Single(await server.IO.FetchSocketsAsync());

        var answer = remote.EmitWithAckAsync<string>(TimeSpan.FromSeconds(10), "ask");
        await client.ExpectAsync("""420["ask"]""");
        await client.SendAsync("""430["yes"]""");

        Assert.Equal("yes", await answer);
    }
}
