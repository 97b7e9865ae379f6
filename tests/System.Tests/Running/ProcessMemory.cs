using System.Globalization;

namespace StickyAspire.SystemTests.Running;

/// <summary>What a process takes, by <c>/proc</c>.</summary>
internal static class ProcessMemory
{
    public static long ReadResidentBytes(int pid)
    {
        var line = File.ReadLines($"/proc/{pid}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line["VmRSS:".Length..^"kB".Length], CultureInfo.InvariantCulture) << 10;
    }
}
