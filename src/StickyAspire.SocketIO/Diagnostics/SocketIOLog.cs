using Microsoft.Extensions.Logging;

namespace StickyAspire.SocketIO.Diagnostics;

internal static partial class SocketIOLog
{
    [LoggerMessage(101, LogLevel.Error, "A {Kind} handler of namespace {Namespace} failed.")]
    public static partial void HandlerFailed(ILogger logger, Exception exception, string kind, string @namespace);

    [LoggerMessage(102, LogLevel.Information, "An event in namespace {Namespace} was refused: {Reason}")]
    public static partial void EventRefused(ILogger logger, string reason, string @namespace);

    [LoggerMessage(103, LogLevel.Error, "A middleware of namespace {Namespace} failed, so the client was refused.")]
    public static partial void MiddlewareFailed(ILogger logger, Exception exception, string @namespace);

    [LoggerMessage(104, LogLevel.Error, "The adapter of namespace {Namespace} could not start: this server works alone.")]
    public static partial void AdapterFailed(ILogger logger, Exception exception, string @namespace);

    [LoggerMessage(105, LogLevel.Warning, "The adapter of namespace {Namespace} could not be closed in order.")]
    public static partial void AdapterCloseFailed(ILogger logger, Exception exception, string @namespace);

    [LoggerMessage(106, LogLevel.Error, "The session of a client of namespace {Namespace} could not be recovered, so the client gets a new one.")]
    public static partial void RecoveryFailed(ILogger logger, Exception exception, string @namespace);

    [LoggerMessage(107, LogLevel.Error, "The session of a client of namespace {Namespace} could not be kept, so it is lost if the client comes back.")]
    public static partial void PersistFailed(ILogger logger, Exception exception, string @namespace);
}
