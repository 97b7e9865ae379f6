using System.Runtime.InteropServices;

namespace StickyAspire.LocalHosting.Engine;

/// <summary>Unix signals, which .NET can receive but not send.</summary>
internal static partial class Signals
{
    private const int Sigterm = 15;
    private const int SignalExitCode = 128;

    /// <summary>Asks a process to end. False where that cannot be asked, as on Windows.</summary>
    public static bool TryTerminate(int pid) => !OperatingSystem.IsWindows() && Kill(pid, Sigterm) == 0;

    /// <summary>An exit code in words: shells count signals from 128.</summary>
    public static string Describe(int exitCode) => exitCode switch
    {
        SignalExitCode + 9 => "exit code 137 (SIGKILL)",
        SignalExitCode + Sigterm => "exit code 143 (SIGTERM)",
        SignalExitCode + 6 => "exit code 134 (SIGABRT)",
        SignalExitCode + 11 => "exit code 139 (SIGSEGV)",
        _ => $"exit code {exitCode}",
    };

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
