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
}
