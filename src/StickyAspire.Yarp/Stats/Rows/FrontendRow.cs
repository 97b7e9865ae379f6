using StickyAspire.Yarp.Stats.Counting;
using StickyAspire.Yarp.Tunnels;

namespace StickyAspire.Yarp.Stats.Rows;

/// <summary>HAProxy's <c>FRONTEND</c>: its sessions are connections, of which each carries any number of requests.</summary>
internal static class FrontendRow
{
    public static StatsRow Create(string name, StatsCollector collector, IReadOnlyCollection<TunnelCounters> tunnels, long denied)
    {
        var now = collector.Now;
        var connections = collector.Connections;
        var requests = collector.Requests;
        var row = new StatsRow(StatsRowType.Frontend, proxyId: 1, id: 0, name, "FRONTEND");
        row.Set(StatsField.Status, "OPEN");
        row.Set(StatsField.Scur, connections.Current);
        row.Set(StatsField.Smax, connections.Max);
        row.Set(StatsField.Stot, connections.Total);
        row.Set(StatsField.Rate, connections.Rate(now));
        row.Set(StatsField.RateLim, 0);
        row.Set(StatsField.RateMax, connections.RateMax);
        row.Set(StatsField.ConnRate, connections.Rate(now));
        row.Set(StatsField.ConnRateMax, connections.RateMax);
        row.Set(StatsField.ConnTot, connections.Total);
        row.Set(StatsField.ReqRate, requests.Rate(now));
        row.Set(StatsField.ReqRateMax, requests.RateMax);
        row.Set(StatsField.Dcon, 0);
        row.Set(StatsField.Dses, 0);
        row.Set(StatsField.Ereq, requests.RequestErrors);
        row.Set(StatsField.Intercepted, collector.Intercepted);
        CommonFields.SetTraffic(row, requests, tunnels.Sum(each => each.BytesIn), tunnels.Sum(each => each.BytesOut));
        CommonFields.SetResponses(row, requests, tunnels.Sum(each => each.Active));
        CommonFields.SetAbsent(row);
        row.Set(StatsField.Dreq, denied);
        return row;
    }
}
