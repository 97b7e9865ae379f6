using Microsoft.Extensions.DependencyInjection;
using SocketIO.AdapterSpecs;
using StickyAspire.SocketIO;
using StickyAspire.SocketIO.Redis;

namespace Cluster.Tests.Connections;

/// <summary>The promises of the Redis adapters, on a Redis Cluster.</summary>
public abstract class RedisClusterSpec(RedisClusterFixture redis, Action<RedisAdapterOptions> configure) : AdapterSpec, IClassFixture<RedisClusterFixture>
{
    protected override void AddAdapter(ISocketIOBuilder builder) => builder.AddStackExchangeRedis(redis.ConnectionString, configure);
}
