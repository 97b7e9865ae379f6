using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using StickyAspire.Connections;
using Yarp.ReverseProxy.Forwarder;

namespace StickyAspire.Yarp.Forwarding;

/// <summary>YARP's own factory, whose clients open no connection that would take the process's last places for open files, and send small requests in one piece.</summary>
internal class FrugalHttpClientFactory(ILogger<ForwarderHttpClientFactory> logger) : ForwarderHttpClientFactory(logger)
{
    protected override void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
    {
        base.ConfigureHandler(context, handler);
        handler.ConnectCallback ??= ConnectAsync;
    }

    protected override HttpMessageHandler WrapHandler(ForwarderHttpClientContext context, HttpMessageHandler handler) => new SmallRequestHandler(base.WrapHandler(context, handler));

    /// <summary>As <see cref="SocketsHttpHandler"/> does it where nobody else does.</summary>
    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = OpenFiles.OfThisProcess.CreateSocket();
        try
        {
            socket.NoDelay = true;
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
