using System.Net;
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

    [LoggerMessage(206, LogLevel.Debug, "An answer of namespace {Namespace} could not be sent, because Redis is away.")]
    public static partial void AnswerFailed(ILogger logger, Exception exception, string @namespace);

    [LoggerMessage(207, LogLevel.Warning, "Reading stream {Stream} failed; trying again in {Delay}.")]
    public static partial void ReadFailed(ILogger logger, Exception exception, string stream, TimeSpan delay);

    [LoggerMessage(208, LogLevel.Information, "Reading stream {Stream} from {Offset} on.")]
    public static partial void Reading(ILogger logger, string stream, string offset);

    [LoggerMessage(209, LogLevel.Error, "Stream {Stream} no longer holds what came after {Offset}: this server has missed events, and its recoverable clients are made to connect anew. Raise StreamMaxLength if that happens again.")]
    public static partial void EventsMissed(ILogger logger, string stream, string offset);

    [LoggerMessage(210, LogLevel.Error, "More than {Limit} messages, or {Bytes} bytes of them, wait for Redis: further ones reach this server's clients only.")]
    public static partial void OutboxFull(ILogger logger, int limit, long bytes);

    [LoggerMessage(211, LogLevel.Warning, "A session could not be kept in Redis; it cannot be recovered elsewhere until it can.")]
    public static partial void SessionNotKept(ILogger logger, Exception exception);

    [LoggerMessage(212, LogLevel.Information, "Socket.IO servers reach each other by Redis, mode {Mode}.")]
    public static partial void Starting(ILogger logger, RedisAdapterMode mode);

    [LoggerMessage(213, LogLevel.Warning, "Redis came back without {Count} entries of stream {Stream} that it had confirmed: they are written again.")]
    public static partial void EntriesForgotten(ILogger logger, int count, string stream);

    [LoggerMessage(214, LogLevel.Warning, "The connection to {EndPoint}, where this server subscribes, was lost ({FailureType}): it subscribes at another node of the cluster.")]
    public static partial void SubscriberLost(ILogger logger, EndPoint? endPoint, ConnectionFailureType failureType);
}
