using Microsoft.Extensions.Logging;

namespace StickyAspire.SocketIO.Engine;

internal static partial class EngineLog
{
    [LoggerMessage(1, LogLevel.Debug, "Session {SessionId} opened over {Transport}.")]
    public static partial void SessionOpened(ILogger logger, string sessionId, string transport);

    [LoggerMessage(2, LogLevel.Debug, "Session {SessionId} closed: {Reason}.")]
    public static partial void SessionClosed(ILogger logger, string sessionId, string reason);

    [LoggerMessage(3, LogLevel.Debug, "Request refused: {Code} {Error} {Reason}.")]
    public static partial void RequestRefused(ILogger logger, int code, string error, string? reason);

    [LoggerMessage(4, LogLevel.Warning, "Session {SessionId} does not read what it is sent: more than {Limit} bytes were waiting, so it was closed.")]
    public static partial void SendBufferFull(ILogger logger, string sessionId, long limit);

    [LoggerMessage(5, LogLevel.Error, "The handler of session {SessionId} failed.")]
    public static partial void HandlerFailed(ILogger logger, Exception exception, string sessionId);

    [LoggerMessage(6, LogLevel.Debug, "The connection of session {SessionId} broke.")]
    public static partial void ConnectionBroke(ILogger logger, Exception exception, string sessionId);

    [LoggerMessage(7, LogLevel.Error, "EngineOptions.GenerateId failed.")]
    public static partial void IdGenerationFailed(ILogger logger, Exception exception);
}
