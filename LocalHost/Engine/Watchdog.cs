using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace StickyAspire.LocalHosting.Engine;

/// <summary>
/// Leaves no process behind, even if LocalHost is killed with <c>kill -9</c>: a small second process that holds the other end of a pipe. It is told
/// of every child; when the pipe breaks it kills those that are left, and ends.
/// </summary>
internal sealed class Watchdog : IDisposable
{
    /// <summary>The argument that makes this program a watchdog.</summary>
    public const string Argument = "--watchdog";

    /// <summary>Marks every child's environment, so that one started in the very moment of death is found too (on Linux).</summary>
    public const string RunVariable = "STICKYASPIRE_LOCALHOST_RUN";

    private readonly Lock _gate = new();
    private readonly Process _process;

    private Watchdog(Process process, string runId)
    {
        _process = process;
        RunId = runId;
    }

    /// <summary>The value of <see cref="RunVariable"/> in this run.</summary>
    public string RunId { get; }

    public static Watchdog Start()
    {
        var runId = Guid.NewGuid().ToString("N");
        var program = Environment.ProcessPath!;
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, UseShellExecute = false };
        if (Path.GetFileNameWithoutExtension(program).Equals("dotnet", StringComparison.OrdinalIgnoreCase))
        {
            start.ArgumentList.Add(typeof(Watchdog).Assembly.Location);
        }

        start.ArgumentList.Add(Argument);
        var process = Process.Start(start)!;
        process.StandardInput.AutoFlush = true;
        var watchdog = new Watchdog(process, runId);
        watchdog.Tell($"run {runId}");
        return watchdog;
    }

    public void Add(int pid) => Tell(string.Create(CultureInfo.InvariantCulture, $"add {pid}"));

    public void Remove(int pid) => Tell(string.Create(CultureInfo.InvariantCulture, $"remove {pid}"));

    /// <summary>Lets the watchdog go, once no child is left.</summary>
    public void Dispose()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // Somebody has ended it already.
        }

        _process.WaitForExit(TimeSpan.FromSeconds(5));
        _process.Dispose();
    }

    /// <summary>The watchdog's own life.</summary>
    public static int Run()
    {
        // A Ctrl+C at the terminal reaches the whole group; ours is to outlive LocalHost by a moment.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => context.Cancel = true);
        using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => context.Cancel = true);
        var children = new Dictionary<int, DateTime>();
        string? runId = null;
        while (Console.In.ReadLine() is { } line)
        {
            switch (line.Split(' '))
            {
                case ["run", var id]:
                    runId = id;
                    break;
                case ["add", var pid] when TryGetStartTime(int.Parse(pid, CultureInfo.InvariantCulture)) is { } startTime:
                    children[int.Parse(pid, CultureInfo.InvariantCulture)] = startTime;
                    break;
                case ["remove", var pid]:
                    children.Remove(int.Parse(pid, CultureInfo.InvariantCulture));
                    break;
            }
        }

        foreach (var (pid, startTime) in children)
        {
            // The start time tells our child from a stranger who got its number.
            if (TryGetStartTime(pid) == startTime)
            {
                Kill(pid);
            }
        }

        foreach (var pid in FindMarked(runId))
        {
            Kill(pid);
        }

        return 0;
    }

    private static IEnumerable<int> FindMarked(string? runId)
    {
        if (runId is null || !Directory.Exists("/proc"))
        {
            yield break;
        }

        var mark = Encoding.UTF8.GetBytes($"{RunVariable}={runId}");
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) || pid == Environment.ProcessId)
            {
                continue;
            }

            byte[] environment;
            try
            {
                environment = File.ReadAllBytes(Path.Combine(folder, "environ"));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                continue;
            }

            if (environment.AsSpan().IndexOf(mark) >= 0)
            {
                yield return pid;
            }
        }
    }

    private static DateTime? TryGetStartTime(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return process.StartTime;
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    private static void Kill(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            process.Kill(entireProcessTree: true);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It has ended by itself.
        }
    }

    private void Tell(string line)
    {
        lock (_gate)
        {
            try
            {
                _process.StandardInput.WriteLine(line);
            }
            catch (Exception exception) when (exception is IOException or ObjectDisposedException)
            {
                // Without its watchdog LocalHost still ends its children itself, unless it is killed.
            }
        }
    }
}
