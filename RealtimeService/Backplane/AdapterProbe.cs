using StackExchange.Redis;
using StickyAspire.SocketIO.Redis;

namespace StickyAspire.RealtimeService.Backplane;

/// <summary>
/// Finds out by which of Redis' means the replicas reach each other: streams where the server has them, which Garnet has not. Asked before the first client comes, since all replicas must use the same.
/// </summary>
internal sealed partial class AdapterProbe(IConfiguration configuration, ILogger<AdapterProbe> logger)
{
    /// <summary>A mode's name, or <c>Auto</c>.</summary>
    public const string Key = "Realtime:Adapter";

    private const string Auto = "Auto";
    private const string AnyKey = "stickyaspire:probe";

    /// <summary>How long Redis may take to be there when a replica starts.</summary>
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    private RedisAdapterMode? _mode;

    /// <exception cref="InvalidOperationException">The configuration names no mode that there is.</exception>
    public RedisAdapterMode GetMode(string connectionString) => _mode ??= FindMode(connectionString);

    private RedisAdapterMode FindMode(string connectionString)
    {
        var configured = configuration[Key];
        if (!string.IsNullOrEmpty(configured) && !configured.Equals(Auto, StringComparison.OrdinalIgnoreCase))
        {
            return Enum.TryParse<RedisAdapterMode>(configured, ignoreCase: true, out var mode) && Enum.IsDefined(mode)
                ? mode
                : throw new InvalidOperationException($"{Key} is \"{configured}\": allowed are {Auto}, {string.Join(", ", Enum.GetNames<RedisAdapterMode>())}.");
        }

        try
        {
            var options = ConfigurationOptions.Parse(connectionString);
            options.AbortOnConnectFail = false;
            options.ConnectTimeout = (int)ConnectTimeout.TotalMilliseconds;
            using var connection = ConnectionMultiplexer.Connect(options);
            connection.GetDatabase().Execute("XLEN", (RedisKey)AnyKey);
            return RedisAdapterMode.Streams;
        }
        catch (RedisServerException exception) when (exception.Message.Contains("unknown command", StringComparison.OrdinalIgnoreCase))
        {
            return RedisAdapterMode.PubSub;
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            // All replicas that find Redis away must come to the same answer; the one that any real Redis gives.
            LogAssumed(logger, exception, Key);
            return RedisAdapterMode.Streams;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Redis is away, so whether it has streams is not known: it is taken to have. If it has not, set {Key} to PubSub.")]
    private static partial void LogAssumed(ILogger logger, Exception exception, string key);
}
