namespace StickyAspire.Yarp.Benchmarks;

/// <summary>The same choices in CPU time, which a machine that has other work to do does not falsify. BenchmarkDotNet knows the clock on the wall alone.</summary>
internal static class CpuTime
{
    private const int Picks = 1_000_000;

    /// <summary>How often each is measured: the median counts.</summary>
    private const int Rounds = 5;

    public static void Run()
    {
        Console.WriteLine("| Servers | Policy             | CPU time, median of 5 | Allocated |");
        Console.WriteLine("|--------:|--------------------|----------------------:|----------:|");
        foreach (var servers in (int[])[3, 100])
        {
            foreach (var policy in (string[])["ConsistentHash", "First", "LeastConnections", "RandomTwo", "Source", "WeightedRoundRobin"])
            {
                var benchmarks = new PickingBenchmarks { Servers = servers, Policy = policy };
                benchmarks.Setup();
                Measure(benchmarks);
                var allocated = GC.GetAllocatedBytesForCurrentThread();
                var times = Enumerable.Range(0, Rounds).Select(_ => Measure(benchmarks)).Order().ToArray();
                allocated = (GC.GetAllocatedBytesForCurrentThread() - allocated) / (Rounds * Picks);
                Console.WriteLine($"| {servers,7} | {policy,-18} | {times[Rounds / 2],18:0} ns | {allocated,7} B |");
            }
        }
    }

    private static double Measure(PickingBenchmarks benchmarks)
    {
        var before = Environment.CpuUsage.TotalTime;
        for (var i = 0; i < Picks; i++)
        {
            benchmarks.Pick();
        }

        return (Environment.CpuUsage.TotalTime - before).TotalNanoseconds / Picks;
    }
}
