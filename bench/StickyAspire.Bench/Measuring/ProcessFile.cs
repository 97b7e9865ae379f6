using System.Globalization;

namespace StickyAspire.Bench.Measuring;

/// <summary>What <c>/proc</c> says about a process.</summary>
internal static class ProcessFile
{
    /// <summary>Linux counts in hundredths of a second, whatever the kernel's own clock.</summary>
    private const double TicksPerSecond = 100;

    /// <summary>CPU time used so far by all threads, in their own code and in the kernel, in seconds. 0 for a process that is gone.</summary>
    public static (double User, double Kernel) ReadCpuSeconds(int pid)
    {
        try
        {
            // The name in brackets may hold anything; what follows it are fields 3 and on, and utime and stime are 14 and 15.
            var text = File.ReadAllText($"/proc/{pid}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return (long.Parse(fields[11], CultureInfo.InvariantCulture) / TicksPerSecond, long.Parse(fields[12], CultureInfo.InvariantCulture) / TicksPerSecond);
        }
        catch (IOException)
        {
            return (0, 0);
        }
    }

    /// <summary>Resident memory in KiB, and the share of it that is the process's own (shared pages divided by their users).</summary>
    public static (long Resident, long Proportional) ReadMemory(int pid)
    {
        long resident = 0;
        long proportional = 0;
        foreach (var line in File.ReadLines($"/proc/{pid}/smaps_rollup"))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            switch (fields[0])
            {
                case "Rss:":
                    resident = long.Parse(fields[1], CultureInfo.InvariantCulture);
                    break;
                case "Pss:":
                    proportional = long.Parse(fields[1], CultureInfo.InvariantCulture);
                    break;
            }
        }

        return (resident, proportional);
    }
}
