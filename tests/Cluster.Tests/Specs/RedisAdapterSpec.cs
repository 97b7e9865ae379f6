using Microsoft.Extensions.DependencyInjection;
using SocketIO.AdapterSpecs;
using StickyAspire.SocketIO;
using StickyAspire.SocketIO.Redis;

namespace Cluster.Tests.Specs;

/// <summary>The promises of the Redis adapters, on a redis-server.</summary>
public abstract class RedisAdapterSpec(RedisFixture redis, Action<RedisAdapterOptions> configure) : ClusterAdapterSpec, IClassFixture<RedisFixture>
{
    protected override void AddAdapter(ISocketIOBuilder builder) => builder.AddStackExchangeRedis(redis.Process.ConnectionString, options =>
    {
        options.RequestsTimeout = RequestsTimeout;
        configure(options);
    });

    protected override Task StopBackplaneAsync() => redis.Process.KillAsync();

    protected override Task StartBackplaneAsync() => redis.Process.StartAgainAsync();
}
