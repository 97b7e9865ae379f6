using System.Diagnostics;
using System.Text;
using StickyAspire.Bench.Net;

namespace StickyAspire.Bench.Measuring;

/// <summary>Kills a process as a crash would, and later starts the very same again: program, arguments, folder, environment.</summary>
internal sealed class ProcessRevival
{
    private readonly SystemProcess _process;
    private readonly ProcessStartInfo _start;

    public ProcessRevival(SystemProcess process)
    {
        _process = process;
        var arguments = Read(process.Id, "cmdline");
        _start = new ProcessStartInfo(new FileInfo($"/proc/{process.Id}/exe").ResolveLinkTarget(false)!.FullName, arguments.Skip(1))
        {
            WorkingDirectory = new FileInfo($"/proc/{process.Id}/cwd").ResolveLinkTarget(false)!.FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _start.Environment.Clear();
        foreach (var variable in Read(process.Id, "environ"))
        {
            var end = variable.IndexOf('=', StringComparison.Ordinal);
            _start.Environment[variable[..end]] = variable[(end + 1)..];
        }
    }

    public void Kill() => _ = Libc.Kill(_process.Id, Libc.Sigkill);

    /// <summary>Starts it again. The process ends with the tool at the latest.</summary>
    public SystemProcess Revive()
    {
        var process = Process.Start(_start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => process.Kill();
        return _process with { Id = process.Id };
    }

    private static string[] Read(int pid, string file) =>
        Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{pid}/{file}")).Split('\0', StringSplitOptions.RemoveEmptyEntries);
}
