using StickyAspire.SocketIO.Redis;

namespace Cluster.Tests.Specs;

public sealed class ShardedAdapterSpecs(RedisFixture redis) : RedisAdapterSpec(redis, options => options.Mode = RedisAdapterMode.Sharded);
