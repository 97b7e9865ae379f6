namespace StickyAspire.ServiceDefaults;

/// <summary>
/// Decides when a process that has nothing to do gives back what a burst of work left in its heap. The runtime collects only while something is allocated, so an idle process
/// would keep it for good.
/// </summary>
/// <param name="readCpuTime">The CPU time that the process has ever used.</param>
/// <param name="readAllocatedBytes">All that the process has ever allocated.</param>
/// <param name="collect">Collects everything, and gives the memory back to the system.</param>
internal sealed class IdleCollector(Func<TimeSpan> readCpuTime, Func<long> readAllocatedBytes, Action collect)
{
    /// <summary>How often to <see cref="Look"/>.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>
    /// A process that used less from one look to the next is idle: a tenth of a processor. CPU time, not allocations: a server that is busy with messages may allocate nothing.
    /// </summary>
    public static readonly TimeSpan QuietCpuTime = Interval / 10;

    /// <summary>One that allocated more than this from one look to the next has light work, and the runtime will collect by itself: a pause twice a minute would be for nothing.</summary>
    public const long QuietBytes = 1 << 20;

    /// <summary>What must have been allocated since the last collection, for another to be worth its pause.</summary>
    public const long WorthwhileBytes = 8 << 20;

    /// <summary>The least number of looks between two collections: with bursts and quiet by turns the process stands still no more than once in 30 s.</summary>
    public const int LooksBetween = 6;

    private TimeSpan _cpuTimeAtLastLook = readCpuTime();
    private long _allocatedAtLastLook = readAllocatedBytes();
    private long _allocatedAtLastCollection;
    private int _looks;

    /// <summary>Collects where it is quiet and worthwhile.</summary>
    public void Look()
    {
        var cpuTime = readCpuTime();
        var allocated = readAllocatedBytes();
        var isQuiet = cpuTime - _cpuTimeAtLastLook < QuietCpuTime && allocated - _allocatedAtLastLook < QuietBytes;
        (_cpuTimeAtLastLook, _allocatedAtLastLook) = (cpuTime, allocated);
        _looks++;
        if (isQuiet && _looks >= LooksBetween && allocated - _allocatedAtLastCollection >= WorthwhileBytes)
        {
            collect();
            _allocatedAtLastCollection = allocated;
            _looks = 0;
        }
    }
}
