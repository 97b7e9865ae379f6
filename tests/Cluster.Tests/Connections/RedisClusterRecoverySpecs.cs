using Microsoft.Extensions.DependencyInjection;
using SocketIO.AdapterSpecs;
using StickyAspire.SocketIO;
using StickyAspire.SocketIO.Redis;

namespace Cluster.Tests.Connections;

/// <summary>Recovery on a Redis Cluster, where the stream and the sessions lie on different nodes.</summary>
public sealed class RedisClusterRecoverySpecs(RedisClusterFixture redis) : RecoverySpec, IClassFixture<RedisClusterFixture>
{
    protected override void AddAdapter(ISocketIOBuilder builder) => builder.AddStackExchangeRedis(redis.ConnectionString, options =>
    {
        options.Mode = RedisAdapterMode.Streams;
        options.StreamMaxLength = Capacity;
    });
}
