using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StickyAspire.SocketIO;
using StickyAspire.SocketIO.Adapters;
using StickyAspire.SocketIO.Redis;
using StickyAspire.SocketIO.Redis.Cluster;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the Redis adapter to a Socket.IO server.</summary>
public static class RedisSocketIOBuilderExtensions
{
    /// <summary>
    /// Fans out across servers by Redis, by the means that <see cref="RedisAdapterOptions.Mode"/> names. Node servers with the corresponding adapter on the same Redis are part of the same cluster.
    /// The application starts without Redis too: until it is there, and while it is away, each server works alone.
    /// </summary>
    /// <param name="builder">What <c>AddSocketIO</c> returned.</param>
    /// <param name="connectionString">StackExchange.Redis' configuration, for example <c>localhost:6379,password=…,ssl=true</c>.</param>
    /// <param name="configure">Sets options.</param>
    public static ISocketIOBuilder AddStackExchangeRedis(this ISocketIOBuilder builder, string connectionString, Action<RedisAdapterOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionString);
        builder.Services.AddOptions<RedisAdapterOptions>().Configure(configure ?? (_ => { })).ValidateOnStart();
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RedisAdapterOptions>, RedisAdapterOptionsValidator>());
        builder.Services.TryAddSingleton(provider => new RedisConnection(connectionString, provider.GetRequiredService<ILoggerFactory>()));
        builder.Services.TryAddSingleton<ClusterMetrics>();
        builder.Services.Replace(ServiceDescriptor.Singleton<ISocketIOAdapterFactory, RedisAdapterFactory>());
        return builder;
    }

    /// <summary>Adds an <see cref="Emitter"/>, for a process that emits into a cluster and serves no clients.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="connectionString">StackExchange.Redis' configuration.</param>
    /// <param name="configure">Sets options; the mode, and the names of channels or streams, must be those of the servers.</param>
    public static IServiceCollection AddSocketIOEmitter(this IServiceCollection services, string connectionString, Action<RedisAdapterOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(provider => new Emitter(connectionString, configure, loggerFactory: provider.GetService<ILoggerFactory>()));
        return services;
    }
}
