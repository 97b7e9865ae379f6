using System.Text.Json;
using StackExchange.Redis;
using StickyAspire.TestSupport;

namespace Cluster.Tests.Running;

/// <summary>
/// Servers on one Redis, and the process with the clients. By default two of ours and two of Node's; with <c>CLUSTER_SERVERS</c>, for example <c>node,node,node</c> or
/// <c>ours,node,ours</c>, whichever are named there, which is how the scenarios themselves are tested.
/// </summary>
public abstract class ServerCluster : IAsyncLifetime
{
    private static readonly TimeSpan WarmUpLimit = TimeSpan.FromSeconds(40);

    private RedisProcess? _redis;
    private CallbackServer? _callbacks;
    private ConnectionMultiplexer? _connection;
    private readonly HashSet<string> _readyNamespaces = [];

    /// <summary>The control endpoint's ADAPTER.</summary>
    public abstract string Adapter { get; }

    /// <summary>Whether connection state recovery is on.</summary>
    public virtual bool Recovers => false;

    internal IReadOnlyList<ClusterServer> Servers { get; private set; } = [];

    internal ClientDriver Driver { get; private set; } = null!;

    internal CallbackServer Callbacks => _callbacks!;

    internal RedisProcess Redis => _redis!;

    internal IDatabase Database => _connection!.GetDatabase();

    internal IEnumerable<RedisKey> Keys(string pattern) => _connection!.GetServers()[0].Keys(pattern: pattern);

    public async ValueTask InitializeAsync()
    {
        if (!RedisProcess.IsInstalled || !Directory.Exists(Path.Combine(Paths.Clients, "node_modules")))
        {
            Assert.SkipWhen(Environment.GetEnvironmentVariable("CI") != "true", "redis-server, or the npm packages of tests/clients, are not installed: run ./test.");
        }

        _redis = await RedisProcess.StartAsync();
        _connection = await ConnectionMultiplexer.ConnectAsync(_redis.ConnectionString);
        _callbacks = await CallbackServer.StartAsync();
        Driver = new ClientDriver();
        var kinds = (Environment.GetEnvironmentVariable("CLUSTER_SERVERS") is { Length: > 0 } names ? names : "ours,ours,node,node").Split(',')
            .Select(name => Enum.Parse<ServerKind>(name.Trim(), ignoreCase: true));
        var starting = kinds.Select(kind => ClusterServer.StartAsync(kind, new Dictionary<string, string>
        {
            ["ADAPTER"] = Adapter,
            ["REDIS"] = _redis.ConnectionString,
            ["CSR"] = Recovers ? "1" : "0",
            ["REQUESTS_TIMEOUT"] = "3000",
        })).ToArray();
        try
        {
            Servers = await Task.WhenAll(starting);
            await UseNamespaceAsync("/");
        }
        catch
        {
            // xUnit disposes of nothing that did not come to be; no process may outlive the tests.
            Servers = [.. starting.Where(task => task.IsCompletedSuccessfully).Select(task => task.Result)];
            await DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes all servers take part in a namespace, and waits until each one hears each.</summary>
    internal async Task UseNamespaceAsync(string nsp)
    {
        if (!_readyNamespaces.Add(nsp))
        {
            return;
        }

        foreach (var server in Servers)
        {
            await server.CallAsync("of", new { nsp });
        }

        await WarmUpAsync(nsp);
    }

    /// <summary>Starts a server again after its death, and waits until it is one of the cluster.</summary>
    internal async Task StartAgainAsync(ClusterServer server)
    {
        await server.StartAgainAsync();
        _readyNamespaces.Clear();
        await UseNamespaceAsync("/");
    }

    /// <summary>Emits until everything that each server emits reaches each one.</summary>
    private async Task WarmUpAsync(string nsp)
    {
        await WaitForServerCountAsync(Servers.Count, nsp);
        var clients = await Task.WhenAll(Servers.Select(server => Driver.ConnectAsync(server, nsp)));
        var names = Servers.Select((_, i) => $"warm-up {i}").ToArray();
        await Eventually.TrueAsync(
            async () =>
            {
                if (clients.All(client => names.All(client.Heard().Contains)))
                {
                    return true;
                }

                for (var i = 0; i < names.Length; i++)
                {
                    await Servers[i].CallAsync("emit", new { nsp, args = new[] { names[i] } });
                }

                return false;
            },
            () => $"every server heard every other one. {string.Join("; ", clients.Select((client, i) => $"{Servers[i].Kind} {i} heard {string.Join(", ", client.Heard().Distinct())}"))}",
            WarmUpLimit);
        foreach (var client in clients)
        {
            await client.CallAsync("disconnect");
        }

        foreach (var server in Servers)
        {
            await Eventually.TrueAsync(
                async () => !(await server.CallAsync("fetchSockets", new { nsp, flags = new { local = true } })).EnumerateArray()
                    .Any(socket => clients.Any(client => client.Id == socket.GetProperty("id").GetString())),
                () => $"a server of {server.Kind} has heard that its guest is gone");
        }
    }

    internal async Task WaitForServerCountAsync(int count, string nsp = "/")
    {
        foreach (var server in Servers)
        {
            var found = 0;
            await Eventually.TrueAsync(
                async () =>
                {
                    try
                    {
                        return (found = (await server.CallAsync("serverCount", new { nsp })).GetInt32()) == count;
                    }
                    catch (HttpRequestException)
                    {
                        // One that is dead counts nobody.
                        return true;
                    }
                    catch (ControlException)
                    {
                        return false;
                    }
                },
                () => $"a server of {server.Kind} counted {count} servers, not {found}");
        }
    }

    /// <summary>Waits until servers that have somebody in a room hear of it, where rooms have channels of their own. Node's adapter gives no other sign.</summary>
    internal async Task WaitForRoomAsync(string room, int servers, string nsp = "/")
    {
        if (!Adapter.StartsWith("sharded-dynamic", StringComparison.Ordinal))
        {
            return;
        }

        await Eventually.TrueAsync(
            async () => (int)((RedisResult[])(await Database.ExecuteAsync("PUBSUB", "SHARDNUMSUB", $"socket.io#{nsp}#{room}#"))!)[1] == servers,
            () => $"{servers} servers have subscribed to the room {room}");
    }

    /// <summary>Disconnects everybody, and drops all listeners.</summary>
    internal async Task ResetListenersAsync()
    {
        foreach (var server in Servers)
        {
            await server.CallAsync("reset");
        }
    }

    /// <summary>Disconnects everybody, drops all listeners, and sees that no server waits for anything any more.</summary>
    internal async Task ResetAsync()
    {
        await ResetListenersAsync();
        foreach (var server in Servers)
        {
            JsonElement stats = default;
            await Eventually.TrueAsync(
                async () =>
                {
                    stats = await server.CallAsync("stats");
                    return stats.GetProperty("requests").GetInt32() == 0 && stats.GetProperty("ackRequests").GetInt32() == 0;
                },
                () => $"a server of {server.Kind} waits for nothing more. Its stats: {stats}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var server in Servers)
        {
            await server.DisposeAsync();
        }

        if (Driver is not null)
        {
            await Driver.DisposeAsync();
        }

        if (_callbacks is not null)
        {
            await _callbacks.DisposeAsync();
        }

        if (_connection is not null)
        {
            await _connection.DisposeAsync();
        }

        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }
    }
}
