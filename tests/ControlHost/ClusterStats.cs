using System.Diagnostics.Metrics;

namespace ControlHost;

/// <summary>What this server still waits for, as the server's own metrics tell it.</summary>
internal sealed class ClusterStats : IDisposable
{
    private const string Meter = "StickyAspire.SocketIO";
    private const string PendingRequests = "socketio.cluster.pending_requests";

    private readonly MeterListener _listener = new();
    private long _requests;
    private long _ackRequests;

    public long Requests => Interlocked.Read(ref _requests);

    public long AckRequests => Interlocked.Read(ref _ackRequests);

    /// <summary>Listens. To be called before the first request is made.</summary>
    public void Start()
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == Meter && instrument.Name == PendingRequests)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, change, tags, _) =>
        {
            foreach (var (name, value) in tags)
            {
                if (name == "kind")
                {
                    Interlocked.Add(ref value is "ack" ? ref _ackRequests : ref _requests, change);
                }
            }
        });
        _listener.Start();
    }

    public void Dispose() => _listener.Dispose();
}
