using Microsoft.Extensions.DependencyInjection;
using SocketIO.AdapterSpecs;
using StickyAspire.SocketIO;
using StickyAspire.SocketIO.Redis;

namespace Cluster.Tests.Specs;

public sealed class StreamsRecoverySpecs(RedisFixture redis) : RecoverySpec, IClassFixture<RedisFixture>
{
    protected override void AddAdapter(ISocketIOBuilder builder) => builder.AddStackExchangeRedis(redis.Process.ConnectionString, options =>
    {
        options.Mode = RedisAdapterMode.Streams;
        options.StreamMaxLength = Capacity;
    });
}
