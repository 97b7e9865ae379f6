using System.Diagnostics.Metrics;
using StickyAspire.SocketIO.Engine;

namespace StickyAspire.SocketIO.Diagnostics;

/// <summary>The instruments of the meter <c>StickyAspire.SocketIO</c>, named by OpenTelemetry's conventions; <c>docs/observability.md</c> lists them.</summary>
internal sealed class SocketIOMetrics
{
    public const string MeterName = "StickyAspire.SocketIO";

    private const string Transport = "socketio.transport";
    private const string CloseReason = "socketio.close.reason";

    private static readonly KeyValuePair<string, object?> Receive = new("network.io.direction", "receive");
    private static readonly KeyValuePair<string, object?> Transmit = new("network.io.direction", "transmit");
    private static readonly KeyValuePair<string, object?> Completed = new("socketio.upgrade.outcome", "completed");
    private static readonly KeyValuePair<string, object?> Failed = new("socketio.upgrade.outcome", "failed");

    /// <summary>From a page that is left at once to one that stays open for a working day, in seconds.</summary>
    private static readonly InstrumentAdvice<double> Durations = new() { HistogramBucketBoundaries = [0.1, 1, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 14_400, 43_200] };

    private readonly UpDownCounter<long> _sessions;
    private readonly Histogram<double> _durations;
    private readonly Counter<long> _upgrades;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _packets;
    private readonly Counter<long> _bytes;

    public SocketIOMetrics(IMeterFactory meterFactory)
    {
        var meter = meterFactory.Create(MeterName);
        _sessions = meter.CreateUpDownCounter<long>("socketio.server.active_sessions", "{session}", "Sessions that are open, by the transport they are on.");
        _durations = meter.CreateHistogram("socketio.server.session.duration", "s", "How long sessions lasted that have ended, by the transport they were on and the reason.", advice: Durations);
        _upgrades = meter.CreateCounter<long>("socketio.server.upgrades", "{upgrade}", "Moves from polling to WebSocket, by outcome.");
        _refused = meter.CreateCounter<long>("socketio.server.refused_requests", "{request}", "Requests that were refused, by the protocol's error.");
        _packets = meter.CreateCounter<long>("socketio.server.packets", "{packet}", "Socket.IO packets received, and queued to clients.");
        _bytes = meter.CreateCounter<long>("socketio.server.io", "By", "Bytes of messages received, and queued to clients, without framing.");
    }

    /// <summary>Totals for whoever asks this process itself; or null.</summary>
    public TrafficTotals? Traffic { get; set; }

    public void SessionOpened(string transport)
    {
        _sessions.Add(1, new KeyValuePair<string, object?>(Transport, transport));
        Traffic?.Opened();
    }

    public void SessionClosed(string transport, string reason, TimeSpan duration)
    {
        var on = new KeyValuePair<string, object?>(Transport, transport);
        _sessions.Add(-1, on);
        _durations.Record(duration.TotalSeconds, on, new KeyValuePair<string, object?>(CloseReason, reason));
        Traffic?.Closed(reason);
    }

    public void Upgraded()
    {
        _sessions.Add(-1, new KeyValuePair<string, object?>(Transport, "polling"));
        _sessions.Add(1, new KeyValuePair<string, object?>(Transport, "websocket"));
        _upgrades.Add(1, Completed);
    }

    public void UpgradeFailed() => _upgrades.Add(1, Failed);

    public void Refused(EngineError error) => _refused.Add(1, new KeyValuePair<string, object?>("error.type", error.Code switch
    {
        0 => "unknown_transport",
        1 => "unknown_session_id",
        2 => "bad_handshake_method",
        3 => "bad_request",
        4 => "forbidden",
        5 => "unsupported_protocol_version",
        _ => "_OTHER",
    }));

    public void Received() => _packets.Add(1, Receive);

    public void Sent(int count) => _packets.Add(count, Transmit);

    /// <summary>A message has come, of so many bytes.</summary>
    public void BytesReceived(int bytes)
    {
        _bytes.Add(bytes, Receive);
        Traffic?.Received(bytes);
    }

    /// <summary>A message has been queued, of so many bytes.</summary>
    public void BytesSent(int bytes)
    {
        _bytes.Add(bytes, Transmit);
        Traffic?.Sent(bytes);
    }
}
