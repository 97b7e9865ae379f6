using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using StickyAspire.TestSupport;

namespace Cluster.Tests.Running;

/// <summary>One server of a cluster, in a process of its own, driven by its control endpoint.</summary>
internal sealed class ClusterServer : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(90);
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(30) };

    private readonly IReadOnlyDictionary<string, string> _environment;
    private readonly int _port = FreePort.Take();
    private ChildProcess _process;

    private ClusterServer(ServerKind kind, IReadOnlyDictionary<string, string> environment)
    {
        Kind = kind;
        _environment = new Dictionary<string, string>(environment) { ["HOST"] = "127.0.0.1", ["PORT"] = _port.ToString(CultureInfo.InvariantCulture) };
        _process = Launch();
    }

    public ServerKind Kind { get; }

    public Uri Url => new($"http://127.0.0.1:{_port}");

    public string Output => _process.Output;

    public static async Task<ClusterServer> StartAsync(ServerKind kind, IReadOnlyDictionary<string, string> environment)
    {
        var server = new ClusterServer(kind, environment);
        try
        {
            await server.WaitUntilReadyAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs an operation.</summary>
    /// <param name="operation">Its name.</param>
    /// <param name="fields">Its fields as an anonymous object, or null.</param>
    /// <exception cref="ControlException">It failed.</exception>
    public async Task<JsonElement> CallAsync(string operation, object? fields = null)
    {
        var body = fields is null ? [] : JsonSerializer.SerializeToNode(fields)!.AsObject();
        body["op"] = operation;
        using var response = await Http.PostAsync(new Uri(Url, "/control"), JsonContent.Create<JsonNode>(body), TestContext.Current.CancellationToken);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        return answer.TryGetProperty("error", out var error) ? throw new ControlException(error.GetString()!) : answer.GetProperty("result");
    }

    public Task KillAsync() => _process.KillAsync();

    /// <summary>Stops the process without ending it, as a machine that is overwhelmed would; or lets it go on.</summary>
    public void SetFrozen(bool isFrozen)
    {
        var start = new ProcessStartInfo("kill", [isFrozen ? "-STOP" : "-CONT", _process.Id.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var kill = Process.Start(start)!;
        kill.WaitForExit();
    }

    /// <summary>Starts it again after its death, at the same address.</summary>
    public async Task StartAgainAsync()
    {
        await _process.DisposeAsync();
        _process = Launch();
        await WaitUntilReadyAsync();
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private ChildProcess Launch() => Kind == ServerKind.Ours
        ? new ChildProcess("dotnet", [Paths.ControlHost], _environment)
        : new ChildProcess("node", [Path.Combine(Paths.Clients, "control-host.mjs")], _environment);

    private Task WaitUntilReadyAsync() => Eventually.TrueAsync(
        () => _process.HasExited ? throw new InvalidOperationException($"The server ended:\n{_process.Output}") : _process.Lines.Contains("ready"),
        () => $"the server was ready. It said:\n{_process.Output}",
        StartLimit);
}
