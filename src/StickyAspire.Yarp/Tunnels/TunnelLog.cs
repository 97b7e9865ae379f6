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
}
