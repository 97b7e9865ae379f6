using Microsoft.Extensions.Options;
using StickyAspire.SocketIO.Adapters;
using StickyAspire.SocketIO.Redis.Cluster;
using StickyAspire.SocketIO.Redis.PubSub;
using StickyAspire.SocketIO.Redis.Sharded;
using StickyAspire.SocketIO.Redis.Streams;

namespace StickyAspire.SocketIO.Redis;

/// <summary>Makes the adapters of the mode that the options name.</summary>
internal sealed class RedisAdapterFactory : ISocketIOAdapterFactory
{
    private readonly RedisAdapterContext _context;
    private readonly RedisStreams _streams;

    public RedisAdapterFactory(
        RedisConnection redis, IOptions<RedisAdapterOptions> options, IOptions<SocketIOOptions> serverOptions, ClusterMetrics metrics, TimeProvider timeProvider)
    {
        _context = new RedisAdapterContext(redis, options.Value, timeProvider, metrics, serverOptions.Value.ConnectionStateRecovery);
        _streams = new RedisStreams(_context);
        RedisLog.Starting(redis.Logger, options.Value.Mode);
    }

    public SocketIOAdapter Create(ISocketIOAdapterHost host) => _context.Options.Mode switch
    {
        RedisAdapterMode.Streams => new RedisStreamsAdapter(host, _context, _streams),
        RedisAdapterMode.Sharded => new RedisShardedAdapter(host, _context),
        _ => new RedisPubSubAdapter(host, _context),
    };
}
