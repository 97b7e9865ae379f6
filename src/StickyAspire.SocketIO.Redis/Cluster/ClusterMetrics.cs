using System.Diagnostics.Metrics;

namespace StickyAspire.SocketIO.Redis.Cluster;

/// <summary>The cluster's instruments, on the Socket.IO server's meter.</summary>
internal sealed class ClusterMetrics
{
    private const string MeterName = "StickyAspire.SocketIO";

    private readonly UpDownCounter<long> _pending;
    private readonly Counter<long> _lost;

    public ClusterMetrics(IMeterFactory meterFactory)
    {
        var meter = meterFactory.Create(MeterName);
        _pending = meter.CreateUpDownCounter<long>("socketio.cluster.pending_requests", "{request}", "Requests to other servers that wait for answers, by kind: request, or ack for broadcasts with acknowledgements.");
        _lost = meter.CreateCounter<long>("socketio.cluster.messages_lost", "{message}", "Messages that other servers did not get, because Redis was away.");
    }

    public void Pending(string kind, int change) => _pending.Add(change, new KeyValuePair<string, object?>("kind", kind));

    public void Lost(int count = 1) => _lost.Add(count);
}
