using StickyAspire.Yarp.Health;
using StickyAspire.Yarp.Model;
using StickyAspire.Yarp.Stats.Counting;
using StickyAspire.Yarp.Tunnels;
using Yarp.ReverseProxy.Model;

namespace StickyAspire.Yarp.Stats.Rows;

/// <summary>One server of a cluster.</summary>
internal static class ServerRow
{
    public static StatsRow Create(
        int proxyId, int id, ClusterState cluster, DestinationState destination, ServerStatus status, ServerCounters counters, TunnelCounters? tunnels, StatsCollector collector, DateTimeOffset now)
    {
        var weight = status.GetEffectiveWeight(now);
        var row = new StatsRow(StatsRowType.Server, proxyId, id, cluster.ClusterId, destination.DestinationId);
        var check = CheckOptions.Of(cluster.Model.Config, destination.Model.Config);
        var isDown = ServerStatusText.StateOf(status, destination) == OperationalState.Down;
        row.Set(StatsField.Status, ServerStatusText.Of(status, destination, weight, check.Rise, check.Fall));
        row.Set(StatsField.Weight, (long)Math.Ceiling(weight));
        row.Set(StatsField.Uweight, status.Options.Weight);
        row.Set(StatsField.Act, status.Options.IsBackup ? 0 : 1);
        row.Set(StatsField.Bck, status.Options.IsBackup ? 1 : 0);
        row.Set(StatsField.Lastchg, (long)(now - status.Since).TotalSeconds);
        row.Set(StatsField.Downtime, (long)(status.Downtime + (isDown ? now - status.Since : TimeSpan.Zero)).TotalSeconds);
        row.Set(StatsField.Chkfail, status.FailedChecks);
        row.Set(StatsField.Chkdown, status.Downs);
        row.Set(StatsField.Slim, status.MaxConn);
        row.Set(StatsField.Addr, destination.Model.Config.Address);
        row.Set(StatsField.Cookie, cluster.Model.Config.SessionAffinity is { Enabled: true } ? destination.DestinationId : null);
        row.Set(StatsField.Connect, counters.Connections);
        row.Set(StatsField.Reuse, Math.Max(0, counters.Total - counters.Connections));
        SetThrottle(row, status, weight);
        SetCheck(row, status, check);
        CommonFields.SetSessions(row, counters, collector);
        CommonFields.SetTraffic(row, counters, tunnels?.BytesIn ?? 0, tunnels?.BytesOut ?? 0);
        CommonFields.SetResponses(row, counters);
        CommonFields.SetAbsent(row);
        return row;
    }

    /// <summary>How far slowstart has let it come, in percent; no value when it is through.</summary>
    private static void SetThrottle(StatsRow row, ServerStatus status, double weight)
    {
        var full = status.Options.Weight * status.WeightPercent / 100.0;
        if (full > 0 && weight > 0 && weight < full)
        {
            row.Set(StatsField.Throttle, (long)Math.Round(weight / full * 100));
        }
    }

    private static void SetCheck(StatsRow row, ServerStatus status, CheckOptions options)
    {
        row.Set(StatsField.CheckRise, options.Rise);
        row.Set(StatsField.CheckFall, options.Fall);
        row.Set(StatsField.CheckHealth, status.Health);
        if (status.LastCheck is not { } check)
        {
            return;
        }

        row.Set(StatsField.CheckStatus, check.Reason);
        row.Set(StatsField.CheckCode, check.StatusCode);
        row.Set(StatsField.CheckDuration, (long)check.Duration.TotalMilliseconds);
        row.Set(StatsField.LastChk, check.Detail);
        row.Set(StatsField.CheckDesc, Describe(check.Reason));
    }

    /// <summary>HAProxy's own words for its short forms.</summary>
    private static string Describe(string reason) => reason switch
    {
        "L4OK" => "Layer4 check passed",
        "L4CON" => "Layer4 connection problem",
        "L4TOUT" => "Layer4 timeout",
        "L6OK" => "Layer6 check passed",
        "L6TOUT" => "Layer6 timeout",
        "L6RSP" => "Layer6 invalid response",
        "L7OK" => "Layer7 check passed",
        "L7TOUT" => "Layer7 timeout",
        "L7RSP" => "Layer7 invalid response",
        "L7STS" => "Layer7 wrong status",
        _ => reason,
    };
}
