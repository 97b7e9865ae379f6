using System.Globalization;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using StickyAspire.Yarp.Affinity;

namespace StickyAspire.Yarp.Redis;

/// <summary>
/// Stick tables in Redis: one string for each session, <c>stickyaspire:stick:{cluster}:{hash}</c>, which expires by itself. What this gateway has seen it keeps in memory too, and goes by that
/// while Redis is away: then its own sessions stay where they are.
/// </summary>
internal sealed partial class RedisStickTable : IStickTable, IAsyncDisposable
{
    /// <summary>No request waits for longer.</summary>
    private const int TimeoutInMilliseconds = 1_000;

    private readonly MemoryStickTable _memory;
    private readonly ILogger<RedisStickTable> _logger;
    private readonly Lazy<Task<ConnectionMultiplexer>> _connection;
    private volatile bool _isAway;

    public RedisStickTable(string connectionString, TimeProvider timeProvider, ILogger<RedisStickTable> logger)
    {
        _memory = new MemoryStickTable(timeProvider);
        _logger = logger;
        var options = ConfigurationOptions.Parse(connectionString);
        options.AbortOnConnectFail = false;
        options.AsyncTimeout = TimeoutInMilliseconds;
        options.ConnectTimeout = TimeoutInMilliseconds;

        // Its own threads would hand each message on to the pool's.
        options.SocketManager = SocketManager.ThreadPool;
        options.BacklogPolicy = BacklogPolicy.FailFast;
        _connection = new Lazy<Task<ConnectionMultiplexer>>(() => ConnectionMultiplexer.ConnectAsync(options));
    }

    public async ValueTask<string?> FindAsync(StickTableKey key, StickTableLimits limits, CancellationToken cancellationToken)
    {
        try
        {
            var connection = await _connection.Value.WaitAsync(cancellationToken);
            string? serverId = await connection.GetDatabase().StringGetSetExpiryAsync(KeyOf(key), limits.Expire);
            SetAway(null);
            if (serverId is not null)
            {
                await _memory.StoreAsync(key, serverId, limits, cancellationToken);
            }

            return serverId;
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            SetAway(exception);
            return await _memory.FindAsync(key, limits, cancellationToken);
        }
    }

    public async ValueTask StoreAsync(StickTableKey key, string serverId, StickTableLimits limits, CancellationToken cancellationToken)
    {
        await _memory.StoreAsync(key, serverId, limits, cancellationToken);
        try
        {
            var connection = await _connection.Value.WaitAsync(cancellationToken);
            await connection.GetDatabase().StringSetAsync(KeyOf(key), serverId, limits.Expire);
            SetAway(null);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            SetAway(exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection.IsValueCreated)
        {
            await (await _connection.Value).DisposeAsync();
        }
    }

    private static RedisKey KeyOf(StickTableKey key) => string.Create(CultureInfo.InvariantCulture, $"stickyaspire:stick:{key.ClusterId}:{key.Hash:x32}");

    /// <summary>One line for each change, not for each request.</summary>
    private void SetAway(Exception? exception)
    {
        if (_isAway == exception is not null)
        {
            return;
        }

        _isAway = exception is not null;
        if (exception is null)
        {
            LogBack(_logger);
        }
        else
        {
            LogAway(_logger, exception.Message);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Stick tables: Redis is away, this gateway goes by what it has seen itself. {Reason}")]
    private static partial void LogAway(ILogger logger, string reason);

    [LoggerMessage(LogLevel.Information, "Stick tables: Redis is back")]
    private static partial void LogBack(ILogger logger);
}
