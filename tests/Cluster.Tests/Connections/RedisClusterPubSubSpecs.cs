using StickyAspire.SocketIO.Redis;

namespace Cluster.Tests.Connections;

public sealed class RedisClusterPubSubSpecs(RedisClusterFixture redis) : RedisClusterSpec(redis, options => options.Mode = RedisAdapterMode.PubSub)
{
    /// <summary>Broadcasts and requests go by different nodes of the cluster.</summary>
    protected override bool RequestsKeepTheirPlace => false;
}
