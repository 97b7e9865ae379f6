using System.Diagnostics;
using HdrHistogram;
using StickyAspire.Bench.Net;

namespace StickyAspire.Bench.Measuring;

/// <summary>
/// Latencies of a round. From the moment a request was meant to be sent, not from when it was: a server that stalls is charged with all who had to wait
/// ("coordinated omission").
/// </summary>
internal sealed class Latencies
{
    private const long MaxMicroseconds = 120_000_000;

    public LongHistogram Histogram { get; } = new(MaxMicroseconds, 3);

    public void Record(long intended) =>
        Histogram.RecordValue(Math.Clamp((EventLoop.Now - intended) * 1_000_000 / Stopwatch.Frequency, 1, MaxMicroseconds));
}
