using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using StickyAspire.TestSupport;

namespace SocketIO.Tests.Conformance.Targets;

/// <summary>A conformance host in a process of its own, which ends with the tests.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();

    private ServerProcess(Process process, Uri url)
    {
        _process = process;
        Url = url;
    }

    public Uri Url { get; }

    /// <summary>Starts StickyAspire's own host.</summary>
    public static Task<ServerProcess> StartOwnAsync(IReadOnlyDictionary<string, string> environment) =>
        StartAsync("dotnet", TestPaths.ConformanceHost, environment);

    /// <summary>Starts Node's server, which the tests were validated against.</summary>
    public static async Task<ServerProcess> StartNodeAsync(IReadOnlyDictionary<string, string> environment)
    {
        await NodeClients.EnsureInstalledAsync();
        return await StartAsync("node", Path.Combine(TestPaths.ClientsDirectory, "node-server.mjs"), environment);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    /// <summary>Starts any host that takes HOST and PORT and prints <c>ready</c>.</summary>
    public static async Task<ServerProcess> StartAsync(string command, string program, IReadOnlyDictionary<string, string> environment)
    {
        var port = FreePort.Take();
        var start = new ProcessStartInfo(command, [program]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["HOST"] = "127.0.0.1";
        start.Environment["PORT"] = port.ToString(CultureInfo.InvariantCulture);
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var server = new ServerProcess(new Process { StartInfo = start }, new Uri($"http://127.0.0.1:{port}"));
        await server.StartAsync();
        return server;
    }

    private async Task StartAsync()
    {
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _process.EnableRaisingEvents = true;
        _process.Exited += (_, _) => ready.TrySetException(new InvalidOperationException($"The conformance host ended: {string.Join('\n', _output)}"));
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.OutputDataReceived += (_, line) =>
        {
            Keep(line.Data);
            if (line.Data == "ready")
            {
                ready.TrySetResult();
            }
        };
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        try
        {
            await ready.Task.WaitAsync(StartDeadline);
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            _output.Enqueue(line);
        }
    }
}
