using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace StickyAspire.Yarp.Tunnels;

internal static partial class TunnelLog
{
    [LoggerMessage(201, LogLevel.Debug, "A WebSocket is tunnelled to {Cluster}/{Server}.")]
    public static partial void Opened(ILogger logger, string cluster, string server);

    [LoggerMessage(202, LogLevel.Debug, "A WebSocket to {Cluster}/{Server} has ended, reason: {Reason}, {BytesIn} bytes in, {BytesOut} bytes out.")]
    public static partial void Ended(ILogger logger, Exception? exception, string cluster, string server, string reason, long bytesIn, long bytesOut);

    [LoggerMessage(203, LogLevel.Warning, "A WebSocket could not be opened to {Cluster}/{Server}: {Error}.")]
    public static partial void Failed(ILogger logger, Exception exception, string cluster, string server, ForwarderError error);

    [LoggerMessage(204, LogLevel.Debug, "A trunk to {Server} is open.")]
    public static partial void TrunkOpened(ILogger logger, string server);

    [LoggerMessage(205, LogLevel.Debug, "A trunk to {Server} has ended.")]
    public static partial void TrunkEnded(ILogger logger, Exception? exception, string server);

    [LoggerMessage(EventId = 206, Message = "{Server} takes no trunk (status {Status}), so each WebSocket has a connection of its own: see the replica's Replica:Trunks. It is asked again every {Pause}.")]
    public static partial void TrunkRefused(ILogger logger, LogLevel level, string server, int status, TimeSpan pause);

    [LoggerMessage(207, LogLevel.Debug, "No trunk could be opened to {Server}.")]
    public static partial void TrunkFailed(ILogger logger, Exception exception, string server);
}
