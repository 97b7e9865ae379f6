using System.Net;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace StickyAspire.SocketIO.Redis;

/// <summary>
/// In a Redis Cluster, the connection for all channels that are not sharded: to one node, and to another one when that goes. Every node carries every message, those of one sender by one node in the order in which
/// they were sent; by several nodes they would overtake each other.
/// On a connection that knows all nodes StackExchange.Redis also subscribes again at any of them while a subscription at another is on its way, as happens when several come back at once: messages come twice from
/// then on.
/// </summary>
internal sealed class PubSubNode(Func<ConfigurationOptions> createOptions, ILogger logger) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private Task<ConnectionMultiplexer>? _current;
    private bool _isDisposed;

    /// <summary>The connection. Once its node goes it is given up and the queues of its subscriptions complete: who reads them subscribes anew, at another node.</summary>
    /// <param name="cluster">A connection that knows the cluster's nodes.</param>
    /// <exception cref="RedisConnectionException">No node is connected, or the one chosen cannot be reached. Asking again chooses anew.</exception>
    /// <exception cref="ObjectDisposedException">There will be no connection any more.</exception>
    public Task<ConnectionMultiplexer> GetAsync(ConnectionMultiplexer cluster)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_current is null or { IsFaulted: true } or { IsCanceled: true })
            {
                var connected = Array.FindAll(cluster.GetServers(), server => server.IsConnected && !server.IsReplica);
                if (connected.Length == 0)
                {
                    throw new RedisConnectionException(ConnectionFailureType.UnableToConnect, "No node of the Redis Cluster is connected.");
                }

                // By chance, so that the servers are spread over the nodes.
                _current = ConnectAsync(connected[RandomNumberGenerator.GetInt32(connected.Length)].EndPoint);
            }

            return _current;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task<ConnectionMultiplexer>? current;
        lock (_gate)
        {
            _isDisposed = true;
            current = _current;
        }

        if (current is not null)
        {
            await current.ContinueWith(DisposeAsync, TaskScheduler.Default).Unwrap();
        }
    }

    private static Task DisposeAsync(Task<ConnectionMultiplexer> connection) =>
        connection.IsCompletedSuccessfully ? connection.Result.DisposeAsync().AsTask() : Task.CompletedTask;

    private async Task<ConnectionMultiplexer> ConnectAsync(EndPoint node)
    {
        var options = createOptions();
        options.EndPoints.Clear();
        options.EndPoints.Add(node);
        options.AbortOnConnectFail = true;
        options.ConnectRetry = 1;

        // What would tell it of the other nodes.
        options.CommandMap = CommandMap.Create(new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "CLUSTER" }, available: false);
        options.TieBreaker = "";
        options.ConfigurationChannel = "";

        var connection = await ConnectionMultiplexer.ConnectAsync(options);
        connection.ConnectionFailed += (_, arguments) => OnFailed(connection, arguments);
        if (connection.IsConnected)
        {
            return connection;
        }

        // It went before we would have heard of it.
        await connection.DisposeAsync();
        throw new RedisConnectionException(ConnectionFailureType.SocketClosed, $"{node} was lost at once.");
    }

    private void OnFailed(ConnectionMultiplexer connection, ConnectionFailedEventArgs arguments)
    {
        lock (_gate)
        {
            if (_isDisposed || _current is not { IsCompletedSuccessfully: true } current || current.Result != connection)
            {
                return;
            }

            _current = null;
        }

        RedisLog.SubscriberLost(logger, arguments.EndPoint, arguments.FailureType);

        // Not here, where the connection waits for us.
        _ = Task.Run(() => GiveUpAsync(connection));
    }

    private static async Task GiveUpAsync(ConnectionMultiplexer connection)
    {
        // Disposing alone would leave the queues' readers waiting.
        await connection.GetSubscriber().UnsubscribeAllAsync(CommandFlags.FireAndForget);
        await connection.DisposeAsync();
    }
}
