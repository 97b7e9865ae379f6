using StackExchange.Redis;

namespace StickyAspire.RealtimeService.Backplane;

/// <summary>
/// The connection to Redis that SignalR and the chat's presence share. Opened by whoever asks first, whether Redis is there yet or not,
/// and kept for the life of the process: it reconnects by itself.
/// </summary>
internal sealed partial class RedisBackplane(IConfiguration configuration, ILogger<RedisBackplane> logger) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private Task<ConnectionMultiplexer>? _connection;

    /// <summary>Whether there is a Redis at all.</summary>
    public bool IsConfigured => ConnectionString is { Length: > 0 };

    private string? ConnectionString => configuration.GetConnectionString("backplane");

    /// <summary>The connection if Redis can be reached now, else null. Never waits.</summary>
    public ConnectionMultiplexer? Current => _connection is { IsCompletedSuccessfully: true, Result: { IsConnected: true } connection } ? connection : null;

    public Task<ConnectionMultiplexer> GetAsync()
    {
        lock (_gate)
        {
            return _connection ??= ConnectAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is { } connection)
        {
            await (await connection).DisposeAsync();
        }
    }

    private async Task<ConnectionMultiplexer> ConnectAsync()
    {
        var options = ConfigurationOptions.Parse(ConnectionString!);
        options.AbortOnConnectFail = false;

        // Its own threads would hand each message on to the pool's.
        options.SocketManager = SocketManager.ThreadPool;
        options.ReconnectRetryPolicy = new ExponentialRetry(deltaBackOffMilliseconds: 500, maxDeltaBackOffMilliseconds: 5_000);
        var connection = await ConnectionMultiplexer.ConnectAsync(options);
        connection.ConnectionFailed += (_, arguments) => LogLost(logger, arguments.FailureType);
        connection.ConnectionRestored += (_, _) => LogRestored(logger);
        return connection;
    }

    [LoggerMessage(LogLevel.Warning, "Redis is away ({FailureType}): SignalR clients of other replicas are out of reach until it is back.")]
    private static partial void LogLost(ILogger logger, ConnectionFailureType failureType);

    [LoggerMessage(LogLevel.Information, "Redis is back.")]
    private static partial void LogRestored(ILogger logger);
}
