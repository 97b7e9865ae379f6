using StickyAspire.SocketIO.Redis;

namespace Cluster.Tests.Connections;

public sealed class RedisClusterShardedSpecs(RedisClusterFixture redis) : RedisClusterSpec(redis, options => options.Mode = RedisAdapterMode.Sharded);
