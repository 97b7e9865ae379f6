using StickyAspire.Yarp.Stats.Counting;

namespace StickyAspire.Yarp.Stats.Rows;

/// <summary>The fields that several kinds of rows have.</summary>
internal static class CommonFields
{
    public static void SetSessions(StatsRow row, SessionCounters counters, StatsCollector collector)
    {
        var now = collector.Now;
        row.Set(StatsField.Scur, counters.Current);
        row.Set(StatsField.Smax, counters.Max);
        row.Set(StatsField.Stot, counters.Total);
        row.Set(StatsField.Rate, counters.Rate(now));
        row.Set(StatsField.RateMax, counters.RateMax);
        row.Set(StatsField.Lastsess, counters.LastSession is > 0 and var last ? (now - last) / 1000 : -1);
        row.Set(StatsField.Lbtot, counters.Balanced);
        row.Set(StatsField.Econ, counters.ConnectErrors);
        row.Set(StatsField.Eresp, counters.ResponseErrors);
        row.Set(StatsField.Wretr, counters.Retries);
        row.Set(StatsField.Wredis, counters.Redispatches);
        row.Set(StatsField.CliAbrt, counters.ClientAborts);
        row.Set(StatsField.SrvAbrt, counters.ServerAborts);
        row.Set(StatsField.Qtime, counters.QueueTime.Average);
        row.Set(StatsField.Ctime, counters.ConnectTime.Average);
        row.Set(StatsField.Rtime, counters.ResponseTime.Average);
        row.Set(StatsField.Ttime, counters.TotalTime.Average);
        row.Set(StatsField.QtimeMax, counters.QueueTime.Max);
        row.Set(StatsField.CtimeMax, counters.ConnectTime.Max);
        row.Set(StatsField.RtimeMax, counters.ResponseTime.Max);
        row.Set(StatsField.TtimeMax, counters.TotalTime.Max);
    }

    /// <param name="row">The row.</param>
    /// <param name="counters">What was counted of requests: their bodies, and the answers'. HAProxy counts headers too.</param>
    /// <param name="tunnelIn">What WebSockets' tunnels counted.</param>
    /// <param name="tunnelOut">The same the other way.</param>
    public static void SetTraffic(StatsRow row, SessionCounters counters, long tunnelIn, long tunnelOut)
    {
        row.Set(StatsField.Bin, counters.BytesIn + tunnelIn);
        row.Set(StatsField.Bout, counters.BytesOut + tunnelOut);
        row.Set(StatsField.Dresp, 0);
        if (row.Type != StatsRowType.Server)
        {
            row.Set(StatsField.Dreq, counters.Denied);
        }
    }

    /// <param name="row">The row.</param>
    /// <param name="counters">What was counted of requests when they ended.</param>
    /// <param name="openTunnels">WebSockets that have got their 101 and not ended.</param>
    public static void SetResponses(StatsRow row, SessionCounters counters, long openTunnels)
    {
        var responses = counters.Responses;
        row.Set(StatsField.Hrsp1xx, responses[1] + openTunnels);
        row.Set(StatsField.Hrsp2xx, responses[2]);
        row.Set(StatsField.Hrsp3xx, responses[3]);
        row.Set(StatsField.Hrsp4xx, responses[4]);
        row.Set(StatsField.Hrsp5xx, responses[5]);
        row.Set(StatsField.HrspOther, responses[0]);
        row.Set(StatsField.ReqTot, counters.Total);
    }

    /// <summary>What the gateway has no counterpart of, and HAProxy shows as 0: header rewrites that fail, internal errors, compression and cache.</summary>
    public static void SetAbsent(StatsRow row)
    {
        row.Set(StatsField.Wrew, 0);
        row.Set(StatsField.Eint, 0);
        if (row.Type != StatsRowType.Server)
        {
            row.Set(StatsField.CompIn, 0);
            row.Set(StatsField.CompOut, 0);
            row.Set(StatsField.CompByp, 0);
            row.Set(StatsField.CompRsp, 0);
            row.Set(StatsField.CacheLookups, 0);
            row.Set(StatsField.CacheHits, 0);
        }
    }
}
