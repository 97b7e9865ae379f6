namespace StickyAspire.Yarp.Stats.Counting;

/// <summary>How many a second, and the most there ever were, as HAProxy's <c>rate</c> and <c>rate_max</c>. Without locks; a reader may miss what happens meanwhile.</summary>
internal struct RateCounter
{
    /// <summary>The current second in the upper half, what has been counted in it in the lower: changed together, or not at all.</summary>
    private long _current;
    private long _previous;
    private long _max;

    public readonly long Max => _max;

    /// <param name="milliseconds">The time on any steady clock.</param>
    public void Add(long milliseconds)
    {
        var second = milliseconds / 1000;
        long seen, next;
        do
        {
            seen = Volatile.Read(ref _current);

            // Whoever read the clock before the second ended, and comes here after, does not turn it back.
            next = SecondOf(seen) >= second ? seen + 1 : (second << 32) + 1;
        }
        while (Interlocked.CompareExchange(ref _current, next, seen) != seen);

        if (SecondOf(seen) < second)
        {
            Volatile.Write(ref _previous, seen);
        }

        Maximum.Raise(ref _max, CountOf(next));
    }

    /// <summary>The count of the last 1,000 ms: this second's, and of the one before as much as is still in that window.</summary>
    public long Read(long milliseconds)
    {
        var second = milliseconds / 1000;
        var current = Volatile.Read(ref _current);
        var previous = SecondOf(current) == second ? Volatile.Read(ref _previous) : current;
        var now = SecondOf(current) == second ? CountOf(current) : 0;
        var before = SecondOf(previous) == second - 1 ? CountOf(previous) : 0;
        var rate = now + (before * (1000 - (milliseconds % 1000)) / 1000);

        // This window may lie across two seconds, and hold more than either.
        Maximum.Raise(ref _max, rate);
        return rate;
    }

    private static long SecondOf(long packed) => packed >> 32;

    private static long CountOf(long packed) => packed & uint.MaxValue;
}
