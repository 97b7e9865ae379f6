using SocketIO.AdapterSpecs.Running;
using StickyAspire.SocketIO;
using StickyAspire.TestSupport;

namespace SocketIO.AdapterSpecs;

/// <summary>What an adapter that recovers sessions promises: the same socket, what it missed, in order and once; or an honest new session.</summary>
public abstract class RecoverySpec : AdapterSpec
{
    /// <summary>How many events are kept, about.</summary>
    protected const int Capacity = 500;

    protected override void Configure(SocketIOOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.ConnectionStateRecovery = new ConnectionStateRecoveryOptions { MaxDisconnectionDuration = TimeSpan.FromSeconds(20), MaxStoredEvents = Capacity };
    }

    [Fact]
    public async Task ClientThatComesBack_ToAnyServer_IsWhoItWas_AndGetsWhatItMissed()
    {
        foreach (var home in Servers)
        {
            foreach (var other in Servers)
            {
                await using var client = await ConnectAsync(home);
                var socket = home.IO.Sockets[client.Id];
                await socket.JoinAsync("mine");
                socket.Data["name"] = "ünï";
                client.Abort();
                await Eventually.TrueAsync(() => !home.IO.Sockets.ContainsKey(client.Id), () => "the server noticed that its client has gone");

                var number = $"number {Guid.NewGuid():N}";
                for (var n = 0; n < 60; n++)
                {
                    var by = Servers[n % ServerCount].IO;
                    await (n % 3 == 0 ? by.To("mine").EmitAsync(number, n) : n % 3 == 1 ? by.EmitAsync(number, n, new byte[] { 1 }) : by.To(client.Id, "mine").EmitAsync(number, n));
                    await by.To("other").EmitAsync(number, -1);
                    await by.Except("mine").EmitAsync(number, -2);
                }

                await using var again = await SpecClient.ReturnAsync(client, other);
                await other.IO.To("mine").EmitAsync(number, 60);
                await Eventually.TrueAsync(() => again.Received(number).Any(one => one.Number == 60), () => "the event after its return came");

                Assert.Equal((client.Id, client.Pid), (again.Id, again.Pid));
                Assert.Equal(Enumerable.Range(0, 61), again.Received(number).Select(one => one.Number));
                Assert.True(other.IO.Sockets[again.Id].IsRecovered);
                Assert.Equal(new[] { again.Id, "mine" }.Order(StringComparer.Ordinal), other.IO.Sockets[again.Id].Rooms.Order(StringComparer.Ordinal));
                Assert.Equal("ünï", other.IO.Sockets[again.Id].Data["name"]?.ToString());
            }
        }
    }

    [Fact]
    public async Task ClientThatComesAndGoes_UnderLoad_GetsEverythingOnceAndInOrder()
    {
        const int Count = 400;
        var client = await ConnectAsync(Servers[0]);
        var (id, seen) = (client.Id, new List<int>());
        var emitting = Task.Run(async () =>
        {
            for (var n = 0; n < Count; n++)
            {
                await Servers[n % ServerCount].IO.EmitAsync("number", n);
            }
        });

        for (var round = 1; seen.Count < Count; round++)
        {
            var enough = Math.Min(Count - seen.Count, 40);
            await Eventually.TrueAsync(() => client.Received("number").Count >= enough, () => $"events came; {seen.Count} have");
            client.Abort();
            await client.DisposeAsync();
            Assert.Equal(id, client.Id);
            seen.AddRange(client.Received("number").Select(one => one.Number));
            client = await SpecClient.ReturnAsync(client, Servers[round % ServerCount]);
        }

        await emitting;
        Assert.Equal(id, client.Id);
        await client.DisposeAsync();
        Assert.Equal(Enumerable.Range(0, Count), seen.Concat(client.Received("number").Select(one => one.Number)));
    }

    [Fact]
    public async Task SessionIsTakenOnce()
    {
        await using var client = await ConnectAsync(Servers[0]);
        client.Abort();
        await Eventually.TrueAsync(() => !Servers[0].IO.Sockets.ContainsKey(client.Id), () => "the server noticed that its client has gone");

        var claims = new List<SpecClient>();
        for (var i = 0; i < 6; i++)
        {
            claims.Add(await SpecClient.ReturnAsync(client, Servers[i % ServerCount]));
        }

        // Whoever comes with the secret last has the session; nobody shares it.
        await Eventually.TrueAsync(() => Servers.Sum(server => server.IO.Sockets.ContainsKey(client.Id) ? 1 : 0) == 1, () => "one server has the socket");
        foreach (var claim in claims)
        {
            await claim.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("unknown pid")]
    [InlineData("unknown offset")]
    [InlineData("trimmed")]
    [InlineData("left on purpose")]
    public async Task WhatCannotBeRecovered_IsANewSession(string why)
    {
        await using var client = await ConnectAsync(Servers[0]);
        if (why == "left on purpose")
        {
            await Servers[0].IO.Sockets[client.Id].DisconnectAsync();
        }
        else
        {
            client.Abort();
        }

        await Eventually.TrueAsync(() => !Servers[0].IO.Sockets.ContainsKey(client.Id), () => "the server noticed that its client has gone");
        for (var n = 0; why == "trimmed" && n < Capacity * 3; n++)
        {
            await Servers[0].IO.To("nobody").EmitAsync("more", n);
        }

        var pid = why == "unknown pid" ? "nobody" : client.Pid;
        var offset = why == "unknown offset" ? "1-1" : client.Offset;
        await using var again = await SpecClient.ConnectAsync(Servers[^1], auth: $$"""{"pid":"{{pid}}","offset":"{{offset}}"}""");

        Assert.NotEqual(client.Id, again.Id);
        Assert.NotEqual(client.Pid, again.Pid);
        Assert.False(Servers[^1].IO.Sockets[again.Id].IsRecovered);
    }

    [Fact]
    public async Task EventsThatAreNotKept_HaveNoOffset()
    {
        await using var client = await ConnectAsync(Servers[0]);
        await Servers[^1].IO.Volatile.EmitAsync("volatile", 1);
        await Eventually.TrueAsync(() => client.Received("volatile").Count == 1, () => "the volatile event came");
        Assert.Single(client.Received("volatile")[0].Arguments);

        client.Answer("question", 1);
        Assert.Contains(1, (await Servers[^1].IO.To(client.Id).Timeout(TimeSpan.FromSeconds(20)).EmitWithAckAsync<int>("question")));
        Assert.Empty(client.Received("question")[0].Arguments);
    }

    /// <summary>A client that has seen one event, without which none can say where it stopped.</summary>
    private static async Task<SpecClient> ConnectAsync(SpecServer server)
    {
        var client = await SpecClient.ConnectAsync(server);
        await server.IO.To(client.Id).EmitAsync("first", 0);
        await Eventually.TrueAsync(() => client.Offset is not null, () => "the first event came");
        return client;
    }
}
