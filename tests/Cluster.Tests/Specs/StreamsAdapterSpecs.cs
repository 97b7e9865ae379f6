using StickyAspire.SocketIO.Redis;

namespace Cluster.Tests.Specs;

public sealed class StreamsAdapterSpecs(RedisFixture redis) : RedisAdapterSpec(redis, options => options.Mode = RedisAdapterMode.Streams)
{
    protected override bool MissesNothing => true;
}
