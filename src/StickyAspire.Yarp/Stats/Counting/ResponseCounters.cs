using System.Runtime.CompilerServices;

namespace StickyAspire.Yarp.Stats.Counting;

/// <summary>Answers by the class of their status: 1xx to 5xx, and at 0 all others.</summary>
[InlineArray(6)]
internal struct ResponseCounters
{
    private long _first;

    public void Add(int statusCode) => Interlocked.Increment(ref this[statusCode is >= 100 and < 600 ? statusCode / 100 : 0]);
}
