using StickyAspire.SocketIO.Redis;

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
