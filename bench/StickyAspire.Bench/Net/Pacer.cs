using System.Diagnostics;

namespace StickyAspire.Bench.Net;

/// <summary>Does something at a steady rate: whatever is due, late or not, with the time at which it was due.</summary>
/// <param name="start">When the first is due, in ticks of <see cref="Stopwatch"/>.</param>
/// <param name="rate">How many a second.</param>
/// <param name="action">Gets the time at which it was due.</param>
internal sealed class Pacer(long start, int rate, Action<long> action)
{
    private readonly double _interval = (double)Stopwatch.Frequency / rate;
    private long _done;

    /// <summary>Does what is due by now.</summary>
    /// <returns>When the next is due.</returns>
    public long RunDue(long now)
    {
        long due;
        while ((due = start + (long)(_done * _interval)) <= now)
        {
            _done++;
            action(due);
        }

        return due;
    }
}
