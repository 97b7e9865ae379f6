using System.Diagnostics.Metrics;

namespace StickyAspire.SocketIO.Diagnostics;

/// <summary>The instruments of the meter <c>StickyAspire.SocketIO</c>.</summary>
internal sealed class SocketIOMetrics
{
    public const string MeterName = "StickyAspire.SocketIO";

    private readonly UpDownCounter<long> _sessions;
    private readonly Counter<long> _closed;
    private readonly Counter<long> _upgrades;
    private readonly Counter<long> _received;
    private readonly Counter<long> _sent;
    private readonly Counter<long> _bytesReceived;
    private readonly Counter<long> _bytesSent;

    public SocketIOMetrics(IMeterFactory meterFactory)
    {
        var meter = meterFactory.Create(MeterName);
        _sessions = meter.CreateUpDownCounter<long>("socketio.server.active_sessions", "{session}", "Engine.IO sessions that are open, by the transport they ended or are on.");
        _closed = meter.CreateCounter<long>("socketio.server.sessions_closed", "{session}", "Sessions that have ended, by reason.");
        _upgrades = meter.CreateCounter<long>("socketio.server.upgrades", "{upgrade}", "Moves from polling to WebSocket, by outcome.");
        _received = meter.CreateCounter<long>("socketio.server.packets_received", "{packet}", "Socket.IO packets received.");
        _sent = meter.CreateCounter<long>("socketio.server.packets_sent", "{packet}", "Socket.IO packets queued to clients.");
        _bytesReceived = meter.CreateCounter<long>("socketio.server.bytes_received", "By", "Bytes of messages received, without framing.");
        _bytesSent = meter.CreateCounter<long>("socketio.server.bytes_sent", "By", "Bytes of messages queued to clients, without framing.");
    }

    /// <summary>Totals for whoever asks this process itself; or null.</summary>
    public TrafficTotals? Traffic { get; set; }

    public void SessionOpened(string transport)
    {
        _sessions.Add(1, new KeyValuePair<string, object?>("transport", transport));
        Traffic?.Opened();
    }

    public void SessionClosed(string transport, string reason)
    {
        _sessions.Add(-1, new KeyValuePair<string, object?>("transport", transport));
        _closed.Add(1, new KeyValuePair<string, object?>("reason", reason));
        Traffic?.Closed(reason);
    }

    public void Upgraded()
    {
        _sessions.Add(-1, new KeyValuePair<string, object?>("transport", "polling"));
        _sessions.Add(1, new KeyValuePair<string, object?>("transport", "websocket"));
        _upgrades.Add(1, new KeyValuePair<string, object?>("outcome", "completed"));
    }

    public void UpgradeFailed() => _upgrades.Add(1, new KeyValuePair<string, object?>("outcome", "failed"));

    public void Received() => _received.Add(1);

    public void Sent(int count) => _sent.Add(count);

    /// <summary>A message has come, of so many bytes.</summary>
    public void BytesReceived(int bytes)
    {
        _bytesReceived.Add(bytes);
        Traffic?.Received(bytes);
    }

    /// <summary>A message has been queued, of so many bytes.</summary>
    public void BytesSent(int bytes)
    {
        _bytesSent.Add(bytes);
        Traffic?.Sent(bytes);
    }
}
