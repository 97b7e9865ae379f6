namespace StickyAspire.Bench.Measuring;

/// <summary>CPU seconds by part, and the tool's own.</summary>
/// <param name="Gateway">The gateway's.</param>
/// <param name="Servers">The servers', together.</param>
/// <param name="Redis">Redis'.</param>
/// <param name="Kernel">How much of these three was spent in the kernel, as it samples it.</param>
/// <param name="Tool">This program's.</param>
internal readonly record struct CpuTimes(double Gateway, double Servers, double Redis, double Kernel, double Tool)
{
    public double Total => Gateway + Servers + Redis;

    public static CpuTimes Read(SystemUnderTest system)
    {
        Span<double> parts = stackalloc double[3];
        var kernel = 0.0;
        foreach (var process in system.Processes)
        {
            var (user, inKernel) = ProcessFile.ReadCpuSeconds(process.Id);
            parts[(int)process.Part] += user + inKernel;
            kernel += inKernel;
        }

        var own = ProcessFile.ReadCpuSeconds(Environment.ProcessId);
        return new CpuTimes(parts[0], parts[1], parts[2], kernel, own.User + own.Kernel);
    }

    public static CpuTimes operator -(CpuTimes left, CpuTimes right) =>
        new(left.Gateway - right.Gateway, left.Servers - right.Servers, left.Redis - right.Redis, left.Kernel - right.Kernel, left.Tool - right.Tool);

    public static CpuTimes operator /(CpuTimes times, double divisor) =>
        new(times.Gateway / divisor, times.Servers / divisor, times.Redis / divisor, times.Kernel / divisor, times.Tool / divisor);
}
