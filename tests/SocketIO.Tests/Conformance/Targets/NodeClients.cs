using System.ComponentModel;
using System.Diagnostics;

namespace SocketIO.Tests.Conformance.Targets;

/// <summary>The npm project beside the tests: Node's server and the JavaScript clients.</summary>
internal static class NodeClients
{
    private static readonly TimeSpan InstallDeadline = TimeSpan.FromMinutes(3);
    private static readonly Lazy<Task<string?>> Installation = new(InstallAsync);

    /// <summary>Installs the packages if nobody has yet. Without Node the test is skipped, on a build server it fails.</summary>
    public static async Task EnsureInstalledAsync()
    {
        if (await Installation.Value is { } missing)
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") is "true" or "1", missing);
            Assert.Fail(missing);
        }
    }

    /// <summary>Runs one of the project's scripts to its end.</summary>
    /// <returns>What it printed, line by line.</returns>
    public static async Task<IReadOnlyList<string>> RunAsync(TimeSpan deadline, params string[] arguments)
    {
        await EnsureInstalledAsync();
        var (exitCode, output) = await RunAsync("node", deadline, arguments);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(exitCode == 0, $"node {string.Join(' ', arguments)} ended with {exitCode}:\n{string.Join('\n', lines.TakeLast(5))}");
        return lines;
    }

    private static async Task<string?> InstallAsync()
    {
        try
        {
            if (!Directory.Exists(Path.Combine(TestPaths.ClientsDirectory, "node_modules", "socket.io-client-v2")))
            {
                var (exitCode, output) = await RunAsync("npm", InstallDeadline, "ci", "--no-audit", "--no-fund");
                return exitCode == 0 ? null : $"npm ci failed in tests/clients: {output}";
            }

            await RunAsync("node", InstallDeadline, "--version");
            return null;
        }
        catch (Win32Exception)
        {
            return "Node and npm are needed for this test.";
        }
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(string command, TimeSpan deadline, params string[] arguments)
    {
        var start = new ProcessStartInfo(command, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = TestPaths.ClientsDirectory,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(deadline);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }

        return (process.ExitCode, process.ExitCode == 0 ? await output : await output + await errors);
    }
}
