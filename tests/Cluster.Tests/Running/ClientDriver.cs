using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cluster.Tests.Running;

/// <summary>The process with the clients: <c>socket.io-client</c> from npm.</summary>
internal sealed class ClientDriver : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, ClusterClient> _clients = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonElement>> _pending = new();
    private readonly ChildProcess _process;
    private int _lastId;

    public ClientDriver() =>
        _process = new ChildProcess("node", [Path.Combine(Paths.Clients, "driver.mjs")], new Dictionary<string, string>(), OnLine);

    /// <summary>A client that is connected.</summary>
    public async Task<ClusterClient> ConnectAsync(ClusterServer server, string nsp = "/", object? options = null)
    {
        var client = new ClusterClient(this, server, Interlocked.Increment(ref _lastId).ToString(CultureInfo.InvariantCulture));
        _clients[client.Name] = client;
        await client.CallAsync("connect", new { url = server.Url.ToString().TrimEnd('/'), nsp, options = options ?? new { } });
        return client;
    }

    public async Task<JsonElement> CallAsync(string command, JsonObject fields)
    {
        var id = Interlocked.Increment(ref _lastId);
        fields["id"] = id;
        fields["command"] = command;
        var answer = _pending[id] = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        _process.WriteLine(fields.ToJsonString());
        return await answer.Task.WaitAsync(Limit, TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private void OnLine(string text)
    {
        var line = JsonElement.Parse(text);
        if (line.TryGetProperty("client", out var client))
        {
            _clients[client.GetString()!].On(line);
        }
        else if (_pending.TryRemove(line.GetProperty("id").GetInt32(), out var pending))
        {
            _ = line.TryGetProperty("error", out var error)
                ? pending.TrySetException(new ControlException(error.GetString()!))
                : pending.TrySetResult(line.GetProperty("result"));
        }
    }
}
