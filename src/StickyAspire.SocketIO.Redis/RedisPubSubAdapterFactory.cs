using Microsoft.Extensions.Options;
using StickyAspire.SocketIO.Adapters;

namespace StickyAspire.SocketIO.Redis;

internal sealed class RedisPubSubAdapterFactory(RedisConnection redis, IOptions<RedisAdapterOptions> options, TimeProvider timeProvider) : ISocketIOAdapterFactory
{
    public SocketIOAdapter Create(ISocketIOAdapterHost host) => new RedisPubSubAdapter(host, redis, options.Value, timeProvider);
}
