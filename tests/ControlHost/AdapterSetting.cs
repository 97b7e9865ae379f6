using Microsoft.Extensions.DependencyInjection;
using StickyAspire.SocketIO;
using StickyAspire.SocketIO.Redis;

namespace ControlHost;

/// <summary>The variable ADAPTER.</summary>
internal static class AdapterSetting
{
    public static ISocketIOBuilder AddAdapter(this ISocketIOBuilder builder, string adapter, string redis, TimeSpan requestsTimeout)
    {
        return adapter switch
        {
            "memory" => builder,
            "pubsub" => Add(_ => { }),
            "pubsub-specific" => Add(options => options.PublishOnSpecificResponseChannel = true),
            "sharded-static" => Add(options => Shard(options, ShardedSubscriptionMode.Static)),
            "sharded-dynamic" => Add(options => Shard(options, ShardedSubscriptionMode.Dynamic)),
            "sharded-dynamic-private" => Add(options => Shard(options, ShardedSubscriptionMode.DynamicPrivate)),
            "streams" => Add(options => options.Mode = RedisAdapterMode.Streams),
            _ => throw new ArgumentException($"ADAPTER is \"{adapter}\"; it can be memory, pubsub, pubsub-specific, sharded-static, sharded-dynamic, sharded-dynamic-private or streams."),
        };

        ISocketIOBuilder Add(Action<RedisAdapterOptions> configure) => builder.AddStackExchangeRedis(redis, options =>
        {
            options.RequestsTimeout = requestsTimeout;
            configure(options);
        });
    }

    private static void Shard(RedisAdapterOptions options, ShardedSubscriptionMode mode)
    {
        options.Mode = RedisAdapterMode.Sharded;
        options.SubscriptionMode = mode;
    }
}
