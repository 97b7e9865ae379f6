using HdrHistogram;

namespace StickyAspire.Bench.Measuring;

/// <summary>What one round of one scenario gave on one system.</summary>
/// <param name="Operations">How many operations there were.</param>
/// <param name="Seconds">How long they took.</param>
/// <param name="Cpu">The CPU time that they took, in seconds.</param>
/// <param name="Latency">Their latencies in microseconds, or null.</param>
internal sealed record Measurement(long Operations, double Seconds, CpuTimes Cpu, LongHistogram? Latency)
{
    /// <summary>CPU microseconds for each operation.</summary>
    public CpuTimes CpuPerOperation => Cpu / Operations / 1e-6;
}
