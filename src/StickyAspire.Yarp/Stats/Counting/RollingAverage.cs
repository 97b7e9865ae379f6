namespace StickyAspire.Yarp.Stats.Counting;

/// <summary>
/// The average of the last 1,024 times, as HAProxy keeps it: exact up to that many, then each further one takes the place of an average one. Without locks and without a list of them.
/// </summary>
internal struct RollingAverage
{
    private const int Window = 1024;

    private long _count;
    private double _average;
    private long _max;

    /// <summary>In milliseconds.</summary>
    public readonly long Average => (long)Math.Round(_average);

    /// <summary>The longest ever, in milliseconds.</summary>
    public readonly long Max => _max;

    public void Add(double milliseconds)
    {
        var weight = Math.Min(Interlocked.Increment(ref _count), Window);
        double seen, next;
        do
        {
            seen = Volatile.Read(ref _average);
            next = seen + ((milliseconds - seen) / weight);
        }
        while (BitConverter.DoubleToInt64Bits(Interlocked.CompareExchange(ref _average, next, seen)) != BitConverter.DoubleToInt64Bits(seen));

        Maximum.Raise(ref _max, (long)Math.Round(milliseconds));
    }
}
