using Microsoft.Extensions.Logging;

namespace StickyAspire.SocketIO.Redis.Cluster;

/// <summary>What all adapters of a server share.</summary>
internal sealed record RedisAdapterContext(RedisConnection Redis, RedisAdapterOptions Options, TimeProvider TimeProvider, ClusterMetrics Metrics, ConnectionStateRecoveryOptions? Recovery)
{
    public ILogger Logger => Redis.Logger;
}
