using StickyAspire.SocketIO.Redis;

namespace Cluster.Tests.Specs;

public sealed class PubSubAdapterSpecs(RedisFixture redis) : RedisAdapterSpec(redis, options => options.Mode = RedisAdapterMode.PubSub);
