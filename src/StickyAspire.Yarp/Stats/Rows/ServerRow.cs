using StickyAspire.Yarp.Admission;
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
        int proxyId, int id, ClusterState cluster, DestinationState destination, ServerStatus status, ServerCounters counters, TunnelCounters? tunnels, ServerAdmission admission, StatsCollector collector, DateTimeOffset now)
    {
        var weight = status.GetEffectiveWeight(now);
        var row = new StatsRow(StatsRowType.Server, proxyId, id, cluster.ClusterId, destination.DestinationId);
        var check = CheckOptions.Of(cluster.Model.Config, destination.Model.Config);
        var isDown = ServerStatusText.StateOf(status, destination) == OperationalState.Down;
        row.Set(StatsField.Status, ServerStatusText.Of(status, destination, weight, check.Rise, check.Fall));
        row.Set(StatsField.Weight, (long)Math.Ceiling(weight));
        row.Set(StatsField.Uweight, status.Weight);
        row.Set(StatsField.Act, status.IsBackup ? 0 : 1);
        row.Set(StatsField.Bck, status.IsBackup ? 1 : 0);
        row.Set(StatsField.Lastchg, (long)(now - status.Since).TotalSeconds);
        row.Set(StatsField.Downtime, (long)(status.Downtime + (isDown ? now - status.Since : TimeSpan.Zero)).TotalSeconds);
        row.Set(StatsField.Chkfail, status.FailedChecks);
        row.Set(StatsField.Chkdown, status.Downs);
        row.Set(StatsField.Slim, admission.MaxConn > 0 ? admission.MaxConn : status.MaxConn);
        row.Set(StatsField.Qcur, admission.Queue.Length);
        row.Set(StatsField.Qmax, admission.Queue.MaxLength);
        row.Set(StatsField.Qlimit, admission.MaxConn > 0 ? AdmissionOptions.Of(cluster.Model.Config).QueueMaxLength : (long?)null);
        row.Set(StatsField.Addr, destination.Model.Config.Address);
        row.Set(StatsField.Cookie, cluster.Model.Config.SessionAffinity is { Enabled: true } ? destination.DestinationId : null);
        var connections = counters.Connections + (tunnels?.Opened ?? 0);
        row.Set(StatsField.Connect, connections);
        row.Set(StatsField.Reuse, Math.Max(0, counters.Total - connections));
        SetThrottle(row, status, weight);
        SetCheck(row, status, check);
        SetAgent(row, status);
        CommonFields.SetSessions(row, counters, collector);
        CommonFields.SetTraffic(row, counters, tunnels?.BytesIn ?? 0, tunnels?.BytesOut ?? 0);
        CommonFields.SetResponses(row, counters, tunnels?.Active ?? 0);
        CommonFields.SetAbsent(row);
        row.Set(StatsField.Econ, counters.ConnectErrors + admission.Queue.Timeouts);
        row.Set(StatsField.Wredis, counters.Redispatches + admission.Queue.Redispatches);
        return row;
    }

    /// <summary>How far slowstart has let it come, in percent; no value when it is through.</summary>
    private static void SetThrottle(StatsRow row, ServerStatus status, double weight)
    {
        var full = status.Weight * status.WeightPercent / 100.0;
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

    /// <summary>What the server says of itself with its checks' answers, as HAProxy has it from its agent.</summary>
    private static void SetAgent(StatsRow row, ServerStatus status)
    {
        if (status.SaysDown || status.LoadReports > 0 || status.Administrative != AdministrativeState.Ready)
        {
            row.Set(StatsField.AgentStatus, status.SaysDown ? "L7STS" : "L7OK");
            row.Set(StatsField.LastAgt, status.SaysDown ? "down" : status.Administrative.ToString().ToLowerInvariant());
        }
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
