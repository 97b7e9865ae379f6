namespace StickyAspire.Bench.Measuring;

/// <summary>CPU seconds by part, and the tool's own.</summary>
internal readonly record struct CpuTimes(double Gateway, double Servers, double Redis, double Tool)
{
    public double Total => Gateway + Servers + Redis;

    public static CpuTimes Read(SystemUnderTest system)
    {
        Span<double> parts = stackalloc double[3];
        foreach (var process in system.Processes)
        {
            parts[(int)process.Part] += ProcessFile.ReadCpuSeconds(process.Id);
        }

        return new CpuTimes(parts[0], parts[1], parts[2], ProcessFile.ReadCpuSeconds(Environment.ProcessId));
    }

    public static CpuTimes operator -(CpuTimes left, CpuTimes right) =>
        new(left.Gateway - right.Gateway, left.Servers - right.Servers, left.Redis - right.Redis, left.Tool - right.Tool);

    public static CpuTimes operator /(CpuTimes times, double divisor) =>
        new(times.Gateway / divisor, times.Servers / divisor, times.Redis / divisor, times.Tool / divisor);
}
