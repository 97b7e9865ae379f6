using StickyAspire.Yarp.Admission;
using StickyAspire.Yarp.Stats.Counting;
using StickyAspire.Yarp.Tunnels;
using Yarp.ReverseProxy.Model;

namespace StickyAspire.Yarp.Stats.Rows;

/// <summary>HAProxy's <c>BACKEND</c>: a cluster as a whole. Not its servers' sum, since a request may be in a queue, or find no server at all.</summary>
internal static class BackendRow
{
    public static StatsRow Create(
        ClusterState cluster,
        ClusterCounters counters,
        List<StatsRow> servers,
        IReadOnlyCollection<TunnelCounters> tunnels,
        ClusterAdmission admission,
        ClusterHistory history,
        StatsCollector collector,
        DateTimeOffset now)
    {
        var row = new StatsRow(StatsRowType.Backend, history.ProxyId, id: 0, cluster.ClusterId, "BACKEND");
        var usable = servers.Where(IsUp).ToList();
        var active = usable.Where(server => server.Number(StatsField.Act) == 1).ToList();
        var backup = usable.Where(server => server.Number(StatsField.Bck) == 1).ToList();
        history.Observe(usable.Count > 0 || servers.Count == 0, now);

        row.Set(StatsField.Status, usable.Count > 0 || servers.Count == 0 ? "UP" : "DOWN");
        row.Set(StatsField.Act, active.Count);
        row.Set(StatsField.Bck, backup.Count);
        row.Set(StatsField.Weight, Sum(active.Count > 0 ? active : backup, StatsField.Weight));
        row.Set(StatsField.Uweight, Sum(active.Count > 0 ? active : backup, StatsField.Uweight));
        row.Set(StatsField.Chkdown, history.Downs);
        row.Set(StatsField.Lastchg, (long)(now - history.Since).TotalSeconds);
        row.Set(StatsField.Downtime, (long)history.Downtime(now).TotalSeconds);
        row.Set(StatsField.Qcur, admission.Queue.Length + Sum(servers, StatsField.Qcur));
        row.Set(StatsField.Qmax, Math.Max(admission.Queue.MaxLength, servers.Max(server => (long?)server.Number(StatsField.Qmax)) ?? 0));
        row.Set(StatsField.Algo, cluster.Model.Config.LoadBalancingPolicy);
        row.Set(StatsField.Cookie, cluster.Model.Config.SessionAffinity is { Enabled: true } affinity ? affinity.AffinityKeyName : null);
        row.Set(StatsField.Connect, Sum(servers, StatsField.Connect));
        row.Set(StatsField.Reuse, Sum(servers, StatsField.Reuse));
        CommonFields.SetSessions(row, counters, collector);
        CommonFields.SetTraffic(row, counters, tunnels.Sum(each => each.BytesIn), tunnels.Sum(each => each.BytesOut));
        CommonFields.SetResponses(row, counters, tunnels.Sum(each => each.Active));
        CommonFields.SetAbsent(row);
        var queues = cluster.DestinationsState.AllDestinations.Select(each => admission.Of(each).Queue).Append(admission.Queue).ToList();
        row.Set(StatsField.Dreq, queues.Sum(each => each.Refusals));
        row.Set(StatsField.Econ, counters.ConnectErrors + queues.Sum(each => each.Timeouts));
        row.Set(StatsField.Wredis, counters.Redispatches + queues.Sum(each => each.Redispatches));
        SetAggregates(row, servers);
        return row;
    }

    /// <summary>Sums for dashboards that ask for them (<c>agg_server_status</c>): how many servers there are in the states they know.</summary>
    private static void SetAggregates(StatsRow row, List<StatsRow> servers)
    {
        row.Set(StatsField.AggServerStatus, 0);
        row.Set(StatsField.AggServerCheckStatus, 0);
        row.Set(StatsField.AggCheckStatus, servers.Count > 0 ? 0 : null);
    }

    private static bool IsUp(StatsRow server) => ServerStatusText.IsUp((string)server[StatsField.Status]!);

    private static long Sum(List<StatsRow> rows, StatsField field) => rows.Sum(row => row.Number(field));
}
