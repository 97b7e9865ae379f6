using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace StickyAspire.Yarp.Tunnels;

/// <summary>The tunnels' instruments of the meter <c>StickyAspire.Yarp</c>. What passes through a tunnel is read from the counters when somebody asks, so frames pay nothing.</summary>
internal sealed class TunnelMetrics
{
    public const string MeterName = "StickyAspire.Yarp";

    private readonly Histogram<double> _duration;

    public TunnelMetrics(IMeterFactory meterFactory, TunnelRegistry registry)
    {
        var meter = meterFactory.Create(MeterName);
        meter.CreateObservableUpDownCounter("stickyaspire.tunnels.active", () => Read(registry, counters => counters.Active), "{tunnel}", "WebSockets that are open through the gateway.");
        meter.CreateObservableCounter("stickyaspire.tunnels.opened", () => Read(registry, counters => counters.Opened), "{tunnel}", "WebSockets that were opened through the gateway.");
        meter.CreateObservableCounter("stickyaspire.tunnels.refused", () => Read(registry, counters => counters.Refused), "{handshake}", "WebSocket handshakes that the server refused.");
        meter.CreateObservableCounter("stickyaspire.tunnels.failed", () => Read(registry, counters => counters.Failed), "{handshake}", "WebSocket handshakes that the server did not answer.");
        meter.CreateObservableCounter("stickyaspire.tunnels.bytes_in", () => Read(registry, counters => counters.BytesIn), "By", "Bytes from clients to servers.");
        meter.CreateObservableCounter("stickyaspire.tunnels.bytes_out", () => Read(registry, counters => counters.BytesOut), "By", "Bytes from servers to clients.");
        _duration = meter.CreateHistogram(
            "stickyaspire.tunnels.duration",
            "s",
            "How long tunnels were open, by the reason of their end.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1, 5, 15, 60, 300, 900, 3_600, 14_400, 86_400] });
    }

    public void Ended(TunnelCounters counters, TunnelEnd end, TimeSpan duration)
    {
        if (_duration.Enabled)
        {
            _duration.Record(
                duration.TotalSeconds,
                new TagList { { "cluster", counters.ClusterId }, { "destination", counters.DestinationId }, { "reason", ToText(end) } });
        }
    }

    public static string ToText(TunnelEnd end) => end switch
    {
        TunnelEnd.ClientClosed => "client_closed",
        TunnelEnd.ServerClosed => "server_closed",
        TunnelEnd.ClientFailed => "client_failed",
        TunnelEnd.ServerFailed => "server_failed",
        TunnelEnd.Idle => "idle",
        TunnelEnd.Shutdown => "shutdown",
        TunnelEnd.Evicted => "evicted",
        _ => "none",
    };

    private static IEnumerable<Measurement<long>> Read(TunnelRegistry registry, Func<TunnelCounters, long> read) =>
        registry.Counters.Select(counters => new Measurement<long>(
            read(counters), new KeyValuePair<string, object?>("cluster", counters.ClusterId), new KeyValuePair<string, object?>("destination", counters.DestinationId)));
}
