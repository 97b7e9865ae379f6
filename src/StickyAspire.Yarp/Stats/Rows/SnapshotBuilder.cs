using StickyAspire.Yarp.Model;
using StickyAspire.Yarp.Stats.Counting;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Model;

namespace StickyAspire.Yarp.Stats.Rows;

/// <summary>Makes rows of what is counted and of what is known about the servers that are configured now.</summary>
internal sealed class SnapshotBuilder(StatsCollector collector, IProxyStateLookup proxy, ServerRegistry registry, TimeProvider timeProvider, StatsOptions options)
{
    private readonly Dictionary<string, ClusterHistory> _histories = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>One caller at a time.</summary>
    public StatsSnapshot Build()
    {
        var now = timeProvider.GetUtcNow();
        var rows = new List<StatsRow> { FrontendRow.Create(options.Frontend, collector) };
        var clusters = proxy.GetClusters().OrderBy(cluster => cluster.ClusterId, StringComparer.OrdinalIgnoreCase).ToList();
        foreach (var cluster in clusters)
        {
            AddCluster(rows, cluster, now);
        }

        Forget(clusters);
        return new StatsSnapshot(now, collector.Uptime, rows);
    }

    private void AddCluster(List<StatsRow> rows, ClusterState cluster, DateTimeOffset now)
    {
        var counters = collector.Cluster(cluster.ClusterId);
        var proxyId = HistoryOf(cluster.ClusterId, now).ProxyId;
        var first = rows.Count;
        foreach (var destination in cluster.Destinations.Values.OrderBy(each => each.DestinationId, StringComparer.OrdinalIgnoreCase))
        {
            var status = registry.Get(cluster, destination);
            rows.Add(ServerRow.Create(proxyId, rows.Count - first + 1, cluster, destination, status, counters.Server(destination.DestinationId), collector, now));
        }

        rows.Add(BackendRow.Create(cluster, counters, rows.GetRange(first, rows.Count - first), HistoryOf(cluster.ClusterId, now), collector, now));
        counters.Prune(cluster.Destinations.ContainsKey);
    }

    private ClusterHistory HistoryOf(string clusterId, DateTimeOffset now)
    {
        if (!_histories.TryGetValue(clusterId, out var history))
        {
            // A proxy keeps its number as long as it is configured; the frontend is 1.
            history = new ClusterHistory(Enumerable.Range(2, _histories.Count + 1).Except(_histories.Values.Select(each => each.ProxyId)).First(), now);
            _histories.Add(clusterId, history);
        }

        return history;
    }

    private void Forget(List<ClusterState> clusters)
    {
        var configured = clusters.Select(cluster => cluster.ClusterId).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var gone in _histories.Keys.Where(id => !configured.Contains(id)).ToList())
        {
            _histories.Remove(gone);
        }

        collector.Prune(configured.Contains);
    }
}
