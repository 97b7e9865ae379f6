using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using SocketIO.AdapterSpecs.Running;
using StackExchange.Redis;
using StickyAspire.SocketIO;
using StickyAspire.SocketIO.Redis;
using StickyAspire.TestSupport;

namespace Cluster.Tests.Connections;

/// <summary>
/// On a Redis Cluster every message comes by every node, so a server that subscribes to a channel at two of them hears all of it twice.
/// </summary>
public sealed class RedisClusterSubscriptionTests(RedisClusterFixture redis) : IClassFixture<RedisClusterFixture>
{
    private const int Servers = 8;
    private const int Outages = 3;

    [Fact]
    public async Task EachServerSubscribesToAChannelAtOneNode()
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString + ",allowAdmin=true");
        var nodes = connection.GetServers();
        var servers = new List<SpecServer>();
        try
        {
            for (var i = 0; i < Servers; i++)
            {
                servers.Add(await SpecServer.StartAsync(
                    builder => builder.AddStackExchangeRedis(redis.ConnectionString, options => options.Mode = RedisAdapterMode.PubSub),
                    _ => { }));
            }

            await Eventually.TrueAsync(async () => await servers[^1].IO.ServerCountAsync() >= Servers, () => "all servers are there");
            Assert.Equal((Servers, Servers, Servers), await CountAsync(nodes));

            for (var i = 0; i < Outages; i++)
            {
                // Every connection comes back, to whichever node there is first.
                foreach (var node in nodes)
                {
                    await node.ExecuteAsync("CLIENT", "KILL", "TYPE", "pubsub");
                    await node.ExecuteAsync("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
                }

                await Eventually.TrueAsync(async () => await CountAsync(nodes) is ( >= Servers, >= Servers, >= Servers), () => "all are back");
                Assert.Equal((Servers, Servers, Servers), await CountAsync(nodes));
            }
        }
        finally
        {
            foreach (var server in servers)
            {
                await server.DisposeAsync();
            }
        }
    }

    /// <summary>The subscriptions to the channels of requests, of responses, and by pattern, at all nodes together.</summary>
    private static async Task<(long Requests, long Responses, long Patterns)> CountAsync(IServer[] nodes)
    {
        long requests = 0, responses = 0, patterns = 0;
        foreach (var node in nodes)
        {
            var channels = (RedisResult[])(await node.ExecuteAsync("PUBSUB", "NUMSUB", "socket.io-request#/#", "socket.io-response#/#"))!;
            requests += (long)channels[1];
            responses += (long)channels[3];
            foreach (var client in ((string)(await node.ExecuteAsync("CLIENT", "LIST", "TYPE", "pubsub"))!).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                var field = client.Split(' ').First(field => field.StartsWith("psub=", StringComparison.Ordinal));
                patterns += long.Parse(field.AsSpan("psub=".Length), CultureInfo.InvariantCulture);
            }
        }

        return (requests, responses, patterns);
    }
}
