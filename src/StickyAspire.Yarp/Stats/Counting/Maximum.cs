namespace StickyAspire.Yarp.Stats.Counting;

internal static class Maximum
{
    /// <summary>Raises a maximum to a value that is greater, whoever else does so.</summary>
    public static void Raise(ref long maximum, long value)
    {
        var seen = Volatile.Read(ref maximum);
        while (value > seen)
        {
            var found = Interlocked.CompareExchange(ref maximum, value, seen);
            if (found == seen)
            {
                return;
            }

            seen = found;
        }
    }
}
