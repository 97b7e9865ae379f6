using StickyAspire.Yarp.Admission;
using StickyAspire.Yarp.Model;
using StickyAspire.Yarp.Stats.Counting;
using StickyAspire.Yarp.Tunnels;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Model;

namespace StickyAspire.Yarp.Stats.Rows;

/// <summary>Makes rows of what is counted and of what is known about the servers that are configured now.</summary>
internal sealed class SnapshotBuilder(
    StatsCollector collector, IProxyStateLookup proxy, ServerRegistry registry, TunnelRegistry tunnels, AdmissionRegistry admissions, TimeProvider timeProvider, StatsOptions options)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ClusterHistory> _histories = new(StringComparer.OrdinalIgnoreCase);

    public StatsSnapshot Build()
    {
        lock (_gate)
        {
            return BuildAlone();
        }
    }

    private StatsSnapshot BuildAlone()
    {
        var now = timeProvider.GetUtcNow();
        var rows = new List<StatsRow>();
        var clusters = proxy.GetClusters().OrderBy(cluster => cluster.ClusterId, StringComparer.OrdinalIgnoreCase).ToList();
        foreach (var cluster in clusters)
        {
            AddCluster(rows, cluster, now);
        }

        var all = tunnels.Counters.ToList();
        rows.Insert(0, FrontendRow.Create(options.Frontend, collector, all, rows.Where(row => row.Type == StatsRowType.Backend).Sum(row => row.Number(StatsField.Dreq))));
        Forget(clusters);
        return new StatsSnapshot(now, collector.Uptime, rows);
    }

    private void AddCluster(List<StatsRow> rows, ClusterState cluster, DateTimeOffset now)
    {
        var counters = collector.Cluster(cluster.ClusterId);
        var history = HistoryOf(cluster.ClusterId, now);
        var first = rows.Count;
        var admission = admissions.Get(cluster);
        var tunnelled = new List<TunnelCounters>();
        foreach (var destination in cluster.Destinations.Values.OrderBy(each => each.DestinationId, StringComparer.OrdinalIgnoreCase))
        {
            var status = registry.Get(cluster, destination);
            var own = tunnels.FindCounters(destination);
            if (own is not null)
            {
                tunnelled.Add(own);
            }

            rows.Add(ServerRow.Create(
                history.ProxyId, rows.Count - first + 1, cluster, destination, status, counters.Server(destination.DestinationId), own, admission.Of(destination), collector, now));
        }

        rows.Add(BackendRow.Create(cluster, counters, rows.GetRange(first, rows.Count - first), tunnelled, admission, history, collector, now));
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
