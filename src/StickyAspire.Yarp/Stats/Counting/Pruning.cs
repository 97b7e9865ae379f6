using System.Collections.Concurrent;

namespace StickyAspire.Yarp.Stats.Counting;

internal static class Pruning
{
    /// <summary>
    /// How many that are no longer configured are remembered, in case they come back: servers of an elastic cluster do. Past that those without a session are forgotten, so that ids that
    /// never repeat do not fill the memory.
    /// </summary>
    private const int Remembered = 256;

    public static void Prune<T>(ConcurrentDictionary<string, T> counters, Func<string, bool> keep)
        where T : SessionCounters
    {
        if (counters.Count <= Remembered)
        {
            return;
        }

        foreach (var (id, each) in counters)
        {
            if (each.Current == 0 && !keep(id))
            {
                counters.TryRemove(new KeyValuePair<string, T>(id, each));
            }
        }
    }
}
