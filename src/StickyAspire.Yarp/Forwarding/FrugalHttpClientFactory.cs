using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using StickyAspire.Connections;
using StickyAspire.Yarp.Configuration;
using StickyAspire.Yarp.Tunnels;
using Yarp.ReverseProxy.Forwarder;

namespace StickyAspire.Yarp.Forwarding;

/// <summary>
/// YARP's own factory, whose clients send small requests in one piece, and open no connection that would take the process's last places for open files: or none at all, where a trunk leads to the server.
/// </summary>
internal class FrugalHttpClientFactory(ILogger<ForwarderHttpClientFactory> logger, TrunkPool trunks) : ForwarderHttpClientFactory(logger)
{
    protected override bool CanReuseOldClient(ForwarderHttpClientContext context) =>
        base.CanReuseOldClient(context) && GetOptions(context.ClusterId, context.OldMetadata).Trunks == GetOptions(context.ClusterId, context.NewMetadata).Trunks;

    protected override void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
    {
        base.ConfigureHandler(context, handler);
        var options = GetOptions(context.ClusterId, context.NewMetadata);
        handler.ConnectCallback ??= options.Trunks > 0 && context.NewConfig.WebProxy is null
            ? (connection, cancellationToken) => ConnectAsync(connection, options, cancellationToken)
            : ConnectAsync;
    }

    protected override HttpMessageHandler WrapHandler(ForwarderHttpClientContext context, HttpMessageHandler handler) => new SmallRequestHandler(base.WrapHandler(context, handler));

    private static TunnelOptions GetOptions(string clusterId, IReadOnlyDictionary<string, string>? metadata) => TunnelOptions.Read(new MetadataReader(metadata, clusterId));

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, TunnelOptions options, CancellationToken cancellationToken) =>
        context.InitialRequestMessage.RequestUri is { } uri && uri.Scheme == Uri.UriSchemeHttp && await trunks.OpenAsync(uri, options, cancellationToken) is { } stream
            ? new TrunkNetworkStream(stream)
            : await ConnectAsync(context, cancellationToken);

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
