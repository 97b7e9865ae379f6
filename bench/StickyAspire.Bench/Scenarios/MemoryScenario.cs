using StickyAspire.Bench.Clients;
using StickyAspire.Bench.Measuring;
using StickyAspire.Bench.Net;

namespace StickyAspire.Bench.Scenarios;

/// <summary>Resident memory of all processes with many sessions that do nothing but answer pings.</summary>
internal static class MemoryScenario
{
    /// <param name="loop">The loop.</param>
    /// <param name="system">The system.</param>
    /// <param name="counts">The numbers of sessions, rising. More than the limit of open files allows are left out by one who knows it: the caller.</param>
    /// <param name="hold">How long the sessions are held before the memory is read.</param>
    public static IReadOnlyList<MemoryReading> Measure(EventLoop loop, SystemUnderTest system, IReadOnlyList<int> counts, TimeSpan hold)
    {
        var readings = new List<MemoryReading> { MemoryReading.Read(system, 0, default) };
        using var group = new ClientGroup(loop);
        foreach (var count in counts)
        {
            group.Connect(system, ClientKind.WebSocket, count - group.Clients.Count);
            loop.RunFor(TimeSpan.FromSeconds(1));
            var before = CpuTimes.Read(system);
            loop.RunFor(hold);
            readings.Add(MemoryReading.Read(system, count, (CpuTimes.Read(system) - before) / hold.TotalSeconds));
        }

        return readings;
    }
}
