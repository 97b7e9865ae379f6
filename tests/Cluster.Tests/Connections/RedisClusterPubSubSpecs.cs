using StickyAspire.SocketIO.Redis;

namespace Cluster.Tests.Connections;

public sealed class RedisClusterPubSubSpecs(RedisClusterFixture redis) : RedisClusterSpec(redis, options => options.Mode = RedisAdapterMode.PubSub);
