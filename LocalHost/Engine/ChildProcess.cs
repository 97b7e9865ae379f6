using System.Diagnostics;

namespace StickyAspire.LocalHosting.Engine;

/// <summary>A process of ours. Its lines go to the console, its end to whoever waits.</summary>
internal sealed class ChildProcess : IDisposable
{
    /// <summary>util-linux' program that starts another as the leader of a session of its own, and becomes it; null where there is none.</summary>
    private static readonly string? Setsid = new[] { "/usr/bin/setsid", "/bin/setsid" }.FirstOrDefault(File.Exists);

    private readonly Process _process;
    private readonly Watchdog _watchdog;

    private ChildProcess(Process process, Watchdog watchdog)
    {
        _process = process;
        _watchdog = watchdog;
    }

    public int Id => _process.Id;

    /// <exception cref="LocalHostException">The program cannot be started. (Where setsid starts it, that says so in a line of the child's, and the child has ended.)</exception>
    public static ChildProcess Start(
        string program, IEnumerable<string> arguments, string? folder, IReadOnlyDictionary<string, string> environment, Watchdog watchdog, Action<string> onLine)
    {
        // Ctrl+C at a terminal goes to every process of LocalHost's group, and Redis would be gone before those that want it. When each ends is LocalHost's to say.
        var start = new ProcessStartInfo(Setsid ?? program, Setsid is null ? arguments : [program, .. arguments])
        {
            WorkingDirectory = folder ?? "",
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        start.Environment[Watchdog.RunVariable] = watchdog.RunId;
        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        process.OutputDataReceived += (_, line) => Print(line.Data);
        process.ErrorDataReceived += (_, line) => Print(line.Data);
        try
        {
            process.Start();
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw new LocalHostException($"'{program}' cannot be started: {exception.Message}");
        }

        watchdog.Add(process.Id);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new ChildProcess(process, watchdog);

        void Print(string? line)
        {
            if (line is not null)
            {
                onLine(line);
            }
        }
    }

    /// <summary>Completes with the exit code.</summary>
    public async Task<int> WaitForExitAsync()
    {
        await _process.WaitForExitAsync();
        _watchdog.Remove(_process.Id);
        return _process.ExitCode;
    }

    /// <summary>Asks the process to end.</summary>
    public void Terminate()
    {
        if (!_process.HasExited && !Signals.TryTerminate(_process.Id))
        {
            Kill();
        }
    }

    public void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }

    public void Dispose() => _process.Dispose();
}
