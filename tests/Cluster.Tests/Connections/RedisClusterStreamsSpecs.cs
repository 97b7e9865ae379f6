using StickyAspire.SocketIO.Redis;

namespace Cluster.Tests.Connections;

public sealed class RedisClusterStreamsSpecs(RedisClusterFixture redis) : RedisClusterSpec(redis, options => options.Mode = RedisAdapterMode.Streams);
