using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace StickyAspire.SocketIO.Redis;

internal static partial class RedisLog
{
    [LoggerMessage(201, LogLevel.Warning, "The connection to Redis was lost ({FailureType}, {ConnectionType}): this server's clients go on, other servers are out of reach.")]
    public static partial void ConnectionLost(ILogger logger, ConnectionFailureType failureType, ConnectionType connectionType);

    [LoggerMessage(202, LogLevel.Information, "The connection to Redis is back ({ConnectionType}).")]
    public static partial void ConnectionRestored(ILogger logger, ConnectionType connectionType);

    [LoggerMessage(203, LogLevel.Debug, "An event of namespace {Namespace} reached this server's clients only, because Redis is away.")]
    public static partial void PublishFailed(ILogger logger, Exception exception, string @namespace);

    [LoggerMessage(204, LogLevel.Warning, "A message on channel {Channel} could not be understood, and was passed over.")]
    public static partial void MessageInvalid(ILogger logger, Exception exception, string channel);

    [LoggerMessage(205, LogLevel.Warning, "Subscribing for namespace {Namespace} failed; trying again in {Delay}.")]
    public static partial void SubscribeFailed(ILogger logger, Exception exception, string @namespace, TimeSpan delay);
}
