using System.Text.Json;
using StickyAspire.SocketIO;

namespace SocketIO.Tests.Server;

/// <summary>Sessions that come back, on one server.</summary>
public sealed class ConnectionStateRecoveryTests
{
    [Fact]
    public async Task ClientThatComesBack_IsWhoItWas_AndGetsWhatItMissedBeforeItsConnect()
    {
        var sockets = new List<ISocketIOSocket>();
        await using var server = await StartAsync(map: io => io.OnConnection(async socket =>
        {
            sockets.Add(socket);
            if (!socket.IsRecovered)
            {
                socket.Data["name"] = "ann";
                await socket.JoinAsync("room");
            }
        }));
        var client = await server.ConnectAsync();
        await server.IO.EmitAsync("first");
        var offset = OffsetOf(await client.ReceiveAsync());
        client.Abort();
        await Eventually.TrueAsync(() => server.IO.Sockets.Count == 0, "the server has noticed");
        await server.IO.EmitAsync("all");
        await server.IO.To("room").EmitAsync("room", 1);
        await server.IO.To("other").EmitAsync("other");
        await server.IO.Except("room").EmitAsync("not-room");
        await server.IO.To(client.Id).EmitAsync("own");

        await using var again = await TestClient.OpenAsync(server.Url);
        await again.SendAsync($$"""40{"pid":"{{client.Pid}}","offset":"{{offset}}"}""");

        Assert.Equal(["all", "room", "own"], [NameOf(await again.ReceiveAsync()), NameOf(await again.ReceiveAsync()), NameOf(await again.ReceiveAsync())]);
        again.Connected((await again.ReceiveAsync())!);
        Assert.Equal((client.Id, client.Pid), (again.Id, again.Pid));
        await Eventually.TrueAsync(() => sockets.Count == 2, "the connection handler has been called again");
        Assert.True(sockets[1].IsRecovered);
        Assert.Equal("ann", sockets[1].Data["name"]);
        Assert.Equal([client.Id, "room"], sockets[1].Rooms);
        await server.IO.To("room").EmitAsync("live");
        Assert.Equal("live", NameOf(await again.ReceiveAsync()));
    }

    [Fact]
    public async Task ClientThatIsBackBeforeItsOldConnectionWasSeenToBeDead_IsRecovered()
    {
        await using var server = await StartAsync();
        await using var client = await server.ConnectAsync();
        await server.IO.EmitAsync("first");
        var offset = OffsetOf(await client.ReceiveAsync());

        await using var again = await TestClient.OpenAsync(server.Url);
        await again.JoinAsync(auth: $$"""{"pid":"{{client.Pid}}","offset":"{{offset}}"}""");

        Assert.Equal(client.Id, again.Id);
        Assert.Null(await client.ReceiveAsync());
    }

    [Theory]
    [InlineData("unknown pid")]
    [InlineData("unknown offset")]
    [InlineData("left on purpose")]
    [InlineData("trimmed")]
    public async Task WhatCannotBeRecovered_IsAnHonestNewSession(string why)
    {
        await using var server = await StartAsync();
        await using var client = await server.ConnectAsync();
        await server.IO.EmitAsync("first");
        var offset = OffsetOf(await client.ReceiveAsync());
        if (why == "left on purpose")
        {
            await client.SendAsync("41");
        }
        else
        {
            client.Abort();
        }

        await Eventually.TrueAsync(() => server.IO.Sockets.Count == 0, "the server has noticed");
        for (var i = 0; why == "trimmed" && i < 100; i++)
        {
            await server.IO.EmitAsync("more");
        }

        var pid = why == "unknown pid" ? "nobody" : client.Pid;
        await using var again = await TestClient.OpenAsync(server.Url);
        await again.JoinAsync(auth: $$"""{"pid":"{{pid}}","offset":"{{(why == "unknown offset" ? "x-1" : offset)}}"}""");

        Assert.NotEqual(client.Id, again.Id);
        Assert.NotEqual(client.Pid, again.Pid);
    }

    [Fact]
    public async Task Middlewares_RunAgainWhereAskedFor()
    {
        var calls = 0;
        await using var server = await StartAsync(recovery => recovery.SkipMiddlewares = false, io => io.Use(_ =>
        {
            calls++;
            return Task.CompletedTask;
        }));
        await using var client = await server.ConnectAsync();
        await server.IO.EmitAsync("first");
        var offset = OffsetOf(await client.ReceiveAsync());

        await using var again = await TestClient.OpenAsync(server.Url);
        await again.JoinAsync(auth: $$"""{"pid":"{{client.Pid}}","offset":"{{offset}}"}""");

        Assert.Equal(2, calls);
        Assert.Equal(client.Id, again.Id);
    }

    [Fact]
    public async Task EventsWhileAClientComesAndGoes_ArriveOnceAndInOrder()
    {
        const int Count = 3_000;
        await using var server = await StartAsync(recovery => recovery.MaxStoredEvents = 100_000);
        var client = await server.ConnectAsync();
        await server.IO.EmitAsync("number", -1);
        var offset = OffsetOf(await client.ReceiveAsync());
        var (id, pid) = (client.Id, client.Pid);
        var seen = new List<int>();

        var emitting = Task.Run(
            async () =>
            {
                for (var i = 0; i < Count; i++)
                {
                    await server.IO.EmitAsync("number", i);
                    await Task.Yield();
                }
            },
            TestContext.Current.CancellationToken);

        while (seen.Count < Count)
        {
            for (var i = 0; i < 100 && seen.Count < Count; i++)
            {
                var last = (await client.ReceiveAsync())!;
                if (last.StartsWith("40", StringComparison.Ordinal))
                {
                    client.Connected(last);
                    Assert.Equal((id, pid), (client.Id, client.Pid));
                    continue;
                }

                seen.Add(JsonElement.Parse(last[2..])[1].GetInt32());
                offset = OffsetOf(last);
            }

            client.Abort();
            client = await TestClient.OpenAsync(server.Url);
            await client.SendAsync($$"""40{"pid":"{{pid}}","offset":"{{offset}}"}""");
        }

        await emitting;
        Assert.Equal(Enumerable.Range(0, Count), seen);
    }

    private static Task<TestServer> StartAsync(Action<ConnectionStateRecoveryOptions>? configure = null, Action<ISocketIOServer>? map = null) =>
        TestServer.StartAsync(
            options =>
            {
                options.ConnectionStateRecovery = new ConnectionStateRecoveryOptions { MaxStoredEvents = 50 };
                configure?.Invoke(options.ConnectionStateRecovery);
            },
            map);

    private static string NameOf(string? packet) => JsonElement.Parse(packet![2..])[0].GetString()!;

    private static string OffsetOf(string? packet) => JsonElement.Parse(packet![2..]).EnumerateArray().Last().GetString()!;
}
