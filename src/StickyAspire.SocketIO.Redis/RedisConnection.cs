using System.Globalization;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace StickyAspire.SocketIO.Redis;

/// <summary>The server's connections to Redis, opened by whoever needs one first. They outlive every outage: StackExchange.Redis reconnects and subscribes again by itself.</summary>
internal sealed class RedisConnection : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly string _connectionString;
    private readonly Dictionary<string, Task<ConnectionMultiplexer>> _readers = new(StringComparer.Ordinal);
    private readonly PubSubNode _node;
    private Task<ConnectionMultiplexer>? _connection;
    private volatile Topology _topology;

    public RedisConnection(string connectionString, ILoggerFactory loggerFactory)
    {
        _connectionString = connectionString;
        Logger = loggerFactory.CreateLogger("StickyAspire.SocketIO.Redis");
        _node = new PubSubNode(CreateOptions, Logger);
    }

    private enum Topology
    {
        Unknown,
        Single,
        Cluster,
    }

    public ILogger Logger { get; }

    /// <summary>Redis is back.</summary>
    public event Action? Restored;

    public Task<ConnectionMultiplexer> GetAsync()
    {
        lock (_gate)
        {
            return _connection ??= ConnectAsync(asyncTimeout: null, OnRestored);
        }
    }

    /// <summary>Who subscribes to such a channel, where a message is to come once.</summary>
    /// <exception cref="RedisConnectionException">Redis is away.</exception>
    public async Task<ISubscriber> GetSubscriberAsync(RedisChannel channel)
    {
        var connection = GetAsync();
        return Array.Exists((await connection).GetServers(), server => server.IsConnected) ? (await GetCarrierAsync(connection, channel)).GetSubscriber() : throw NotConnected();
    }

    /// <summary>A connection of its own for one who reads with blocking commands, which would keep all others waiting on a shared one.</summary>
    /// <param name="name">What it reads; one who asks again gets the same connection.</param>
    /// <param name="blockTime">How long a read may block.</param>
    public Task<ConnectionMultiplexer> OpenReaderAsync(string name, TimeSpan blockTime)
    {
        lock (_gate)
        {
            if (!_readers.TryGetValue(name, out var reader))
            {
                _readers.Add(name, reader = ConnectAsync(blockTime + TimeSpan.FromSeconds(5), onRestored: null));
            }

            return reader;
        }
    }

    /// <summary>Publishes a message. Until the connection is there it waits for it; while Redis is away it fails at once.</summary>
    public ValueTask PublishAsync(RedisChannel channel, byte[] message)
    {
        // Synchronous up to the command itself once there is a connection, so that messages leave in the order of the calls.
        var connection = GetAsync();
        return connection.IsCompletedSuccessfully && GetCarrierAsync(connection, channel) is { IsCompletedSuccessfully: true } carrier
            ? new ValueTask(carrier.Result.GetSubscriber().PublishAsync(channel, message))
            : PublishSlowlyAsync(connection, channel, message);
    }

    /// <summary>How many subscribe to a channel, over all of a cluster's masters.</summary>
    /// <param name="command"><c>NUMSUB</c> or <c>SHARDNUMSUB</c>.</param>
    /// <param name="channel">The channel's name.</param>
    public async Task<long> CountSubscribersAsync(string command, string channel)
    {
        var connection = await GetAsync();
        long count = 0;
        var asked = false;
        foreach (var server in connection.GetServers())
        {
            if (server.IsConnected && !server.IsReplica)
            {
                asked = true;
                var result = (RedisResult[]?)await server.ExecuteAsync("PUBSUB", command, channel);
                count += result is [_, var number] ? long.Parse(number.ToString(), CultureInfo.InvariantCulture) : 0;
            }
        }

        return asked ? count : throw NotConnected();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var reader in _readers.Values)
        {
            // Not waiting for the read that blocks: there is nobody left for what it would bring.
            var connection = await reader;
            await connection.CloseAsync(allowCommandsToComplete: false);
            await connection.DisposeAsync();
        }

        await _node.DisposeAsync();
        if (_connection is { } shared)
        {
            await (await shared).DisposeAsync();
        }
    }

    private static RedisConnectionException NotConnected() => new(ConnectionFailureType.UnableToConnect, "No Redis server is connected.");

    private async ValueTask PublishSlowlyAsync(Task<ConnectionMultiplexer> connection, RedisChannel channel, byte[] message)
    {
        await connection;
        await (await GetCarrierAsync(connection, channel)).GetSubscriber().PublishAsync(channel, message);
    }

    /// <summary>By which connection a channel's messages go and come. A sharded channel is at the node of its slot and no other.</summary>
    /// <param name="connection">The one that knows all nodes, completed.</param>
    /// <param name="channel">The channel.</param>
    private Task<ConnectionMultiplexer> GetCarrierAsync(Task<ConnectionMultiplexer> connection, RedisChannel channel) =>
        channel.IsSharded || GetTopology(connection.Result) != Topology.Cluster ? connection : _node.GetAsync(connection.Result);

    private Topology GetTopology(ConnectionMultiplexer connection)
    {
        var topology = _topology;
        if (topology == Topology.Unknown && Array.FindAll(connection.GetServers(), server => server.IsConnected) is { Length: > 0 } connected)
        {
            _topology = topology = Array.Exists(connected, server => server.ServerType == ServerType.Cluster) ? Topology.Cluster : Topology.Single;
        }

        return topology;
    }

    private void OnRestored()
    {
        // Whoever moved it to another place may have made a cluster of it.
        _topology = Topology.Unknown;
        Restored?.Invoke();
    }

    private ConfigurationOptions CreateOptions()
    {
        var options = ConfigurationOptions.Parse(_connectionString);

        // Redis may come later than we do, and may go: neither is a reason not to serve clients.
        options.AbortOnConnectFail = false;
        options.ClientName ??= "StickyAspire.SocketIO";

        // Its own threads would hand each message on to the pool's, both ways, which costs more than the message.
        options.SocketManager = SocketManager.ThreadPool;

        // Backoff with jitter, so that servers that lost Redis together do not all come back in one instant.
        options.ReconnectRetryPolicy = new ExponentialRetry(deltaBackOffMilliseconds: 500, maxDeltaBackOffMilliseconds: 5_000);

        // While Redis is away a command fails at once. What was queued for it would come late, out of order with what followed, or not at all.
        options.BacklogPolicy = BacklogPolicy.FailFast;
        return options;
    }

    private async Task<ConnectionMultiplexer> ConnectAsync(TimeSpan? asyncTimeout, Action? onRestored)
    {
        var options = CreateOptions();
        if (asyncTimeout is { } timeout)
        {
            options.AsyncTimeout = (int)timeout.TotalMilliseconds;
        }

        var connection = await ConnectionMultiplexer.ConnectAsync(options);
        connection.ConnectionFailed += (_, arguments) => RedisLog.ConnectionLost(Logger, arguments.FailureType, arguments.ConnectionType);
        connection.ConnectionRestored += (_, arguments) =>
        {
            RedisLog.ConnectionRestored(Logger, arguments.ConnectionType);
            if (arguments.ConnectionType == ConnectionType.Interactive)
            {
                onRestored?.Invoke();
            }
        };
        return connection;
    }
}
