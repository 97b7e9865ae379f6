namespace StickyAspire.Bench.Measuring;

/// <summary>A system's memory with a number of idle sessions.</summary>
/// <param name="Sessions">How many sessions there are.</param>
/// <param name="Resident">KiB by <see cref="SystemPart"/>.</param>
/// <param name="Proportional">KiB by <see cref="SystemPart"/>, pages that processes share counted once.</param>
/// <param name="IdleCpu">CPU seconds a second meanwhile.</param>
internal sealed record MemoryReading(int Sessions, long[] Resident, long[] Proportional, CpuTimes IdleCpu)
{
    public static MemoryReading Read(SystemUnderTest system, int sessions, CpuTimes idleCpu)
    {
        var resident = new long[3];
        var proportional = new long[3];
        foreach (var process in system.Processes)
        {
            var (own, share) = ProcessFile.ReadMemory(process.Id);
            resident[(int)process.Part] += own;
            proportional[(int)process.Part] += share;
        }

        return new MemoryReading(sessions, resident, proportional, idleCpu);
    }
}
