using StickyAspire.Yarp.Stats.Counting;

namespace Yarp.Tests.Stats;

/// <summary>Counting a request allocates nothing.</summary>
public sealed class StatsAllocationTests
{
    [Fact]
    public void Counting_AKnownServer_AllocatesNothing()
    {
        var collector = new StatsCollector(TimeProvider.System);
        Count(collector);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            Count(collector);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(1_001, collector.Cluster("WEB").Server("S1").Total);
    }

    private static void Count(StatsCollector collector)
    {
        var now = collector.Now;
        var cluster = collector.Cluster("web");
        var server = cluster.Server("s1");
        foreach (var counters in (ReadOnlySpan<SessionCounters>)[collector.Requests, cluster, server])
        {
            counters.Begin(now);
            counters.AddBytesIn(10);
            counters.AddBytesOut(1_000);
            counters.AddQueueTime(0);
            counters.AddResponseTime(1.5);
            counters.AddTotalTime(2);
            counters.AddResponse(200);
            counters.End();
        }
    }
}
