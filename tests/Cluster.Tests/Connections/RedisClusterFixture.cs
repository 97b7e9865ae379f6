using System.Globalization;
using StackExchange.Redis;
using StickyAspire.TestSupport;

namespace Cluster.Tests.Connections;

/// <summary>A Redis Cluster of three masters, each with a third of the slots.</summary>
public sealed class RedisClusterFixture : IAsyncLifetime
{
    public const int NodeCount = 3;
    private const int Slots = 16_384;

    private readonly List<RedisProcess> _nodes = [];

    public string ConnectionString => string.Join(',', _nodes.Select(node => node.ConnectionString));

    public async ValueTask InitializeAsync()
    {
        if (!RedisProcess.IsInstalled)
        {
            Assert.SkipWhen(Environment.GetEnvironmentVariable("CI") != "true", "redis-server is not installed: run ./test.");
        }

        var buses = Enumerable.Range(0, NodeCount).Select(_ => FreePort.Take().ToString(CultureInfo.InvariantCulture)).ToArray();
        foreach (var bus in buses)
        {
            _nodes.Add(await RedisProcess.StartAsync(arguments: ["--cluster-enabled", "yes", "--cluster-port", bus, "--cluster-node-timeout", "2000"]));
        }

        foreach (var (i, node) in _nodes.Index())
        {
            await ExecuteAsync(node, "CLUSTER", "ADDSLOTSRANGE", Slots * i / NodeCount, (Slots * (i + 1) / NodeCount) - 1);
            await ExecuteAsync(_nodes[0], "CLUSTER", "MEET", "127.0.0.1", node.Port, buses[i]);
        }

        foreach (var node in _nodes)
        {
            var info = "";
            await Eventually.TrueAsync(
                async () => (info = (string)(await ExecuteAsync(node, "CLUSTER", "INFO"))!).Contains("cluster_state:ok", StringComparison.Ordinal)
                    && info.Contains($"cluster_known_nodes:{NodeCount}", StringComparison.Ordinal),
                () => $"the cluster has formed: {info}");
        }
    }

    public Task KillNodeAsync(int node) => _nodes[node].KillAsync();

    /// <summary>Starts a node that was killed, with what it knew of the others.</summary>
    public Task StartNodeAgainAsync(int node) => _nodes[node].StartAgainAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }
    }

    private static async Task<RedisResult> ExecuteAsync(RedisProcess node, string command, params object[] arguments)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(node.ConnectionString + ",allowAdmin=true");
        return await connection.GetServers()[0].ExecuteAsync(command, arguments);
    }
}
