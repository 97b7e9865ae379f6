using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace StickyAspire.SocketIO.Redis;

/// <summary>The server's one connection to Redis, opened by whoever needs it first. It outlives every outage: StackExchange.Redis reconnects and subscribes again by itself.</summary>
internal sealed class RedisConnection(string connectionString, ILoggerFactory loggerFactory) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly ILogger _logger = loggerFactory.CreateLogger("StickyAspire.SocketIO.Redis");
    private Task<ConnectionMultiplexer>? _connection;

    public ILogger Logger => _logger;

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
        var options = ConfigurationOptions.Parse(connectionString);

        // Redis may come later than we do, and may go: neither is a reason not to serve clients.
        options.AbortOnConnectFail = false;
        options.ClientName ??= "StickyAspire.SocketIO";

        // Backoff with jitter, so that servers that lost Redis together do not all come back in one instant.
        options.ReconnectRetryPolicy = new ExponentialRetry(deltaBackOffMilliseconds: 500, maxDeltaBackOffMilliseconds: 5_000);

        // While Redis is away a publish fails at once. What was queued for it would come late, out of order with what followed, or not at all.
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.LoggerFactory ??= null;

        var connection = await ConnectionMultiplexer.ConnectAsync(options);
        connection.ConnectionFailed += (_, arguments) => RedisLog.ConnectionLost(_logger, arguments.FailureType, arguments.ConnectionType);
        connection.ConnectionRestored += (_, arguments) => RedisLog.ConnectionRestored(_logger, arguments.ConnectionType);
        return connection;
    }
}
