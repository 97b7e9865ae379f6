namespace StickyAspire.ServiceDefaults;

/// <summary>
/// Decides when a process that has nothing to do gives back what a burst of work left in its heap. The collector alone runs when something is allocated, so an idle process
/// would keep it for good. Node and Go do the same (V8's memory reducer, Go's collection every two minutes).
/// </summary>
/// <param name="readAllocatedBytes">All that the process has ever allocated.</param>
/// <param name="collect">Collects everything, and gives the memory back to the system.</param>
internal sealed class IdleCollector(Func<long> readAllocatedBytes, Action collect)
{
    /// <summary>How often to <see cref="Look"/>.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>Less than this from one look to the next is nothing: pings of ten thousand sessions and health checks.</summary>
    public const long QuietBytes = 1 << 20;

    /// <summary>What must have been allocated since the last time, for a collection to be worth its pause: by quiet alone no more than one in 40 s.</summary>
    public const long WorthwhileBytes = 8 << 20;

    private long _atLastLook = readAllocatedBytes();
    private long _atLastCollection;

    /// <summary>Collects where it is quiet and worthwhile.</summary>
    public void Look()
    {
        var now = readAllocatedBytes();
        var isQuiet = now - _atLastLook < QuietBytes;
        _atLastLook = now;
        if (isQuiet && now - _atLastCollection >= WorthwhileBytes)
        {
            collect();
            _atLastCollection = now;
        }
    }
}
