using System.Diagnostics;
using SocketIO.AdapterSpecs.Running;
using StickyAspire.TestSupport;

namespace SocketIO.AdapterSpecs;

/// <summary>What an adapter for a cluster promises beyond that: how it behaves while what connects the servers is away.</summary>
public abstract class ClusterAdapterSpec : AdapterSpec
{
    /// <summary>How long the adapter is told to wait for answers.</summary>
    protected static TimeSpan RequestsTimeout { get; } = TimeSpan.FromSeconds(3);

    /// <summary>What the adapter keeps for the other servers while they are out of reach: whether they get it later.</summary>
    protected virtual bool MissesNothing => false;

    /// <summary>Ends what connects the servers, without notice.</summary>
    protected abstract Task StopBackplaneAsync();

    /// <summary>Brings it back, with what it held.</summary>
    protected abstract Task StartBackplaneAsync();

    [Fact]
    public async Task BackplaneAway_LocalDeliveryGoesOn_AndTheRestResumesByItself()
    {
        await JoinAsync("room", Clients);
        await StopBackplaneAsync();
        try
        {
            foreach (var (i, server) in Servers.Index())
            {
                for (var n = 0; n < 20; n++)
                {
                    await server.IO.EmitAsync($"meanwhile {i}", n);
                    await server.IO.To("room").EmitAsync($"meanwhile in the room {i}", n);
                }

                await Eventually.TrueAsync(
                    () => Clients[i].Received($"meanwhile {i}").Count == 20 && Clients[i].Received($"meanwhile in the room {i}").Count == 20,
                    () => $"the clients of server {i} were served; {Clients[i].Received($"meanwhile {i}").Count} came");
            }
        }
        finally
        {
            await StartBackplaneAsync();
        }

        await WarmUpAsync("back");
        foreach (var i in Enumerable.Range(0, ServerCount))
        {
            if (MissesNothing)
            {
                await Eventually.TrueAsync(() => Clients.All(client => client.Received($"meanwhile {i}").Count >= 20), () => $"what server {i} emitted meanwhile came to all");
            }

            Assert.All(Clients, client => Assert.True(
                client.Received($"meanwhile {i}").Select(one => one.Number).SequenceEqual(Enumerable.Range(0, client == Clients[i] || MissesNothing ? 20 : client.Received($"meanwhile {i}").Count)),
                $"{Names([client])} got {string.Join(' ', client.Received($"meanwhile {i}").Select(one => one.Number))} of server {i}"));
        }
    }

    [Fact]
    public async Task BackplaneAway_CallsToOthersFailInTime()
    {
        await StopBackplaneAsync();
        try
        {
            foreach (var server in Servers)
            {
                foreach (var call in new Func<Task>[]
                {
                    () => server.IO.FetchSocketsAsync(),
                    () => server.IO.FetchRoomsAsync(),
                    () => server.IO.ServerSideEmitWithAckAsync<int>("who"),
                    () => server.IO.ServerCountAsync().AsTask(),
                })
                {
                    var started = Stopwatch.GetTimestamp();
                    await Assert.ThrowsAnyAsync<TimeoutException>(call);

                    // Twice over: the machine may be busy. What counts is that nobody hangs.
                    Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, RequestsTimeout * 2);
                }
            }
        }
        finally
        {
            await StartBackplaneAsync();
        }

        await WarmUpAsync("back");
        Assert.Equal(ServerCount, (await Servers[0].IO.FetchSocketsAsync()).Count);
    }

    [Fact]
    public async Task BackplaneAwayAtFirst_ServersStart_AndJoinWhenItComes()
    {
        await StopBackplaneAsync();
        SpecServer late;
        SpecClient client;
        try
        {
            late = await SpecServer.StartAsync(AddAdapter, Configure);
            client = await SpecClient.ConnectAsync(late);
            await late.IO.EmitAsync("alone");
            await Eventually.TrueAsync(() => client.Received("alone").Count == 1, () => "a server alone serves its client");
        }
        finally
        {
            await StartBackplaneAsync();
        }

        await Eventually.TrueAsync(async () => await CountAsync(late) == ServerCount + 1, () => "the server is one of the cluster", TimeSpan.FromSeconds(60));
        await Eventually.TrueAsync(
            async () =>
            {
                await Servers[0].IO.EmitAsync("welcome");
                await late.IO.EmitAsync("thanks");
                return client.Received("welcome").Count > 0 && Clients.All(each => each.Received("thanks").Count > 0);
            },
            () => "it hears the others, and they hear it",
            TimeSpan.FromSeconds(60));
        await client.DisposeAsync();
        await late.DisposeAsync();
    }

    [Theory]
    [InlineData(120_000, 4_096)]
    [InlineData(500, 1_000_000)]
    public async Task BackplaneAway_WhatWaitsForItIsBounded(int count, int size)
    {
        var payload = new string('x', size);
        await StopBackplaneAsync();
        try
        {
            var before = GC.GetTotalMemory(forceFullCollection: true);
            for (var n = 0; n < count; n++)
            {
                await Servers[0].IO.To("nobody").EmitAsync("lost", payload);
            }

            // All of it would be 500 MB and more, twice over. Other tests of this process take some memory meanwhile.
            Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 320_000_000);
        }
        finally
        {
            await StartBackplaneAsync();
        }

        await WarmUpAsync("back");
    }
}
