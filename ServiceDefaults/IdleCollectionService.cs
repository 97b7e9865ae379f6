using Microsoft.Extensions.Hosting;

namespace StickyAspire.ServiceDefaults;

/// <summary>Asks an <see cref="IdleCollector"/> at its interval.</summary>
internal sealed class IdleCollectionService(TimeProvider timeProvider) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Aggressive: what is free goes back to the system at once, rather than over the next collections.
        var collector = new IdleCollector(
            static () => GC.GetTotalAllocatedBytes(), static () => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true));
        using var timer = new PeriodicTimer(IdleCollector.Interval, timeProvider);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            collector.Look();
        }
    }
}
