using StickyAspire.SocketIO.Redis;
using StickyAspire.TestSupport;

namespace Cluster.Tests.Connections;

public sealed class RedisClusterPubSubSpecs(RedisClusterFixture redis) : RedisClusterSpec(redis, options => options.Mode = RedisAdapterMode.PubSub)
{
    private readonly RedisClusterFixture _redis = redis;

    [Fact]
    public async Task NodeGone_MessagesGoByAnother_InOrderAndOnce()
    {
        for (var i = 0; i < RedisClusterFixture.NodeCount; i++)
        {
            await _redis.KillNodeAsync(i);
            try
            {
                await WarmUpAsync($"without node {i}");
                await AssertOrderAsync($"without node {i}");
            }
            finally
            {
                await _redis.StartNodeAgainAsync(i);
            }

            await WarmUpAsync($"with node {i}");
            await AssertOrderAsync($"with node {i}");
        }
    }

    [Fact]
    public async Task EmittersMessages_KeepTheirOrder()
    {
        await using var emitter = new Emitter(_redis.ConnectionString);
        for (var n = 0; n < 50; n++)
        {
            await emitter.SocketsJoinAsync("room");
            await emitter.To("room").EmitAsync("in", n);
            await emitter.SocketsLeaveAsync("room");
            await emitter.To("room").EmitAsync("out", n);
        }

        await emitter.EmitAsync("end");
        await Eventually.TrueAsync(() => Clients.All(client => client.Received("end").Count == 1), () => "all was sent");
        Assert.All(Clients, client => Assert.Empty(client.Received("out")));
        Assert.All(Clients, client => Assert.Equal(Enumerable.Range(0, 50), client.Received("in").Select(one => one.Number)));
    }

    private async Task AssertOrderAsync(string name)
    {
        foreach (var (i, server) in Servers.Index())
        {
            for (var n = 0; n < 20; n++)
            {
                await server.IO.EmitAsync($"{name}, by {i}", n);
            }
        }

        await FenceAsync();
        foreach (var i in Enumerable.Range(0, ServerCount))
        {
            Assert.All(Clients, client => Assert.Equal(Enumerable.Range(0, 20), client.Received($"{name}, by {i}").Select(one => one.Number)));
        }
    }
}
