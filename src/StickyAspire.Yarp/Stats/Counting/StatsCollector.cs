using System.Collections.Concurrent;

namespace StickyAspire.Yarp.Stats.Counting;

/// <summary>
/// Everything that is counted. Clusters and servers are known by their ids, so a reload of the configuration, which gives YARP new objects, goes on with the same counters.
/// </summary>
internal sealed class StatsCollector(TimeProvider timeProvider)
{
    private readonly ConcurrentDictionary<string, ClusterCounters> _clusters = new(StringComparer.OrdinalIgnoreCase);
    private long _intercepted;
    private readonly long _started = timeProvider.GetTimestamp();

    /// <summary>Requests that are proxied, whatever their cluster.</summary>
    public SessionCounters Requests { get; } = new();

    /// <summary>Connections of clients, also those between two requests.</summary>
    public SessionCounters Connections { get; } = new();

    /// <summary>Milliseconds of a steady clock that begins with the collector; never 0, which means never.</summary>
    public long Now => ToMilliseconds(Timestamp);

    /// <summary>The steady clock itself, for times between.</summary>
    public long Timestamp => timeProvider.GetTimestamp();

    /// <summary>Requests that the gateway answered itself, with statistics.</summary>
    public long Intercepted => Volatile.Read(ref _intercepted);

    public TimeSpan Uptime => timeProvider.GetElapsedTime(_started);

    public long ToMilliseconds(long timestamp) => (long)timeProvider.GetElapsedTime(_started, timestamp).TotalMilliseconds + 1;

    public double MillisecondsSince(long timestamp) => timeProvider.GetElapsedTime(timestamp).TotalMilliseconds;

    public ClusterCounters Cluster(string clusterId) =>
        _clusters.TryGetValue(clusterId, out var cluster) ? cluster : _clusters.GetOrAdd(clusterId, static each => new ClusterCounters(each));

    public void AddIntercepted() => Interlocked.Increment(ref _intercepted);

        /// <summary>Forgets the clusters that are neither in use nor to be kept.</summary>
    public void Prune(Func<string, bool> keep) => Pruning.Prune(_clusters, keep);
}
