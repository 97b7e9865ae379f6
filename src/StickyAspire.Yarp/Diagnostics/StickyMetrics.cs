using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace StickyAspire.Yarp.Diagnostics;

/// <summary>What affinity and admission count, under the meter <c>StickyAspire.Yarp</c>.</summary>
internal sealed class StickyMetrics
{
    public const string MeterName = "StickyAspire.Yarp";

    private readonly Counter<long> _redispatched;
    private readonly Counter<long> _refused;
    private readonly UpDownCounter<long> _queued;
    private readonly Histogram<double> _queueTime;

    public StickyMetrics(IMeterFactory meterFactory)
    {
        ArgumentNullException.ThrowIfNull(meterFactory);
        var meter = meterFactory.Create(MeterName);
        _redispatched = meter.CreateCounter<long>("sticky.redispatches", "{request}", "Requests balanced anew because the server they name is gone or its queue is full.");
        _refused = meter.CreateCounter<long>("sticky.refusals", "{request}", "Requests answered 503 or 429 by the gateway, by reason.");
        _queued = meter.CreateUpDownCounter<long>("sticky.queue.length", "{request}", "Requests waiting for a server's free slot.");
        _queueTime = meter.CreateHistogram<double>("sticky.queue.duration", "s", "How long requests waited, by how it ended.");
    }

    public void Redispatched(string cluster) => _redispatched.Add(1, Tag("cluster", cluster));

    public void Refused(string cluster, string? server, string reason)
    {
        var tags = new TagList { Tag("cluster", cluster), Tag("reason", reason) };
        if (server is not null)
        {
            tags.Add(Tag("server", server));
        }

        _refused.Add(1, tags);
    }

    public void QueueChanged(string cluster, int by) => _queued.Add(by, Tag("cluster", cluster));

    public void Queued(string cluster, TimeSpan time, string outcome) => _queueTime.Record(time.TotalSeconds, Tag("cluster", cluster), Tag("outcome", outcome));

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}
