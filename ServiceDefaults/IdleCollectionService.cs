using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace StickyAspire.ServiceDefaults;

/// <summary>Asks an <see cref="IdleCollector"/> at its interval, and tells of each collection at level Debug.</summary>
internal sealed partial class IdleCollectionService(ILogger<IdleCollectionService> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var collector = new IdleCollector(static () => Environment.CpuUsage.TotalTime, static () => GC.GetTotalAllocatedBytes(), Collect);
        using var timer = new PeriodicTimer(IdleCollector.Interval);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            collector.Look();
        }
    }

    private void Collect()
    {
        var committed = GC.GetGCMemoryInfo().TotalCommittedBytes;
        var pauses = GC.GetTotalPauseDuration();

        // Aggressive: what is free goes back to the system at once, rather than over the next collections.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        LogCollected(logger, (GC.GetTotalPauseDuration() - pauses).TotalMilliseconds, committed >> 10, GC.GetGCMemoryInfo().TotalCommittedBytes >> 10);
    }

    [LoggerMessage(LogLevel.Debug, "Collected while idle, in {Milliseconds} ms: the heap had {Before} KiB, and has {After} KiB.")]
    private static partial void LogCollected(ILogger logger, double milliseconds, long before, long after);
}
