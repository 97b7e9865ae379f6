using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using StickyAspire.Connections;
using StickyAspire.Trunks;
using StickyAspire.Yarp.Sessions;
using StickyAspire.Yarp.Tunnels.Handshake;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace StickyAspire.Yarp.Tunnels;

/// <summary>
/// Forwards WebSockets through tunnels of our own, and leaves everything else to YARP's forwarder: plain requests, WebSockets over HTTP/2 on either side, servers
/// reached by https or through a proxy, other upgrades. It stands where YARP's stands, so that all of YARP's pipeline stays in front of it.
/// </summary>
internal sealed class TunnelForwarder(
    IHttpForwarder inner, UpgradeHandshake handshake, TunnelRegistry registry, TunnelMetrics metrics, ILogger<TunnelForwarder> logger) : IHttpForwarder
{
    private const string WebSocket = "websocket";
    private const string Http = "http://";

    public ValueTask<ForwarderError> SendAsync(
        HttpContext context, string destinationPrefix, HttpMessageInvoker httpClient, ForwarderRequestConfig requestConfig, HttpTransformer transformer) =>
        SendAsync(context, destinationPrefix, httpClient, requestConfig, transformer, CancellationToken.None);

    public ValueTask<ForwarderError> SendAsync(
        HttpContext context,
        string destinationPrefix,
        HttpMessageInvoker httpClient,
        ForwarderRequestConfig requestConfig,
        HttpTransformer transformer,
        CancellationToken cancellationToken)
    {
        if (!IsUpgrade(context))
        {
            return inner.SendAsync(context, destinationPrefix, httpClient, requestConfig, transformer, cancellationToken);
        }

        if (TrunkProtocol.Name.Equals(context.Request.Headers.Upgrade, StringComparison.OrdinalIgnoreCase))
        {
            // That is between gateways and servers.
            return Refuse(context, StatusCodes.Status403Forbidden);
        }

        if (registry.IsStopping)
        {
            // A gateway that goes down opens nothing new: the client's next attempt finds another, or the same one started again.
            return Refuse(context, StatusCodes.Status503ServiceUnavailable);
        }

        if (IsForTunnel(context, destinationPrefix, requestConfig) && context.Features.Get<IReverseProxyFeature>() is { ProxiedDestination: { } destination } proxy)
        {
            var cluster = proxy.Cluster.Config;
            var options = TunnelOptions.Of(cluster);
            if (options.Enabled && cluster.HttpClient?.WebProxy is null)
            {
                var upgrade = new UpgradeRequest(context, destinationPrefix, requestConfig, transformer, cluster, destination, options, cancellationToken);
                return TunnelAsync(upgrade, httpClient);
            }
        }

        return ForwardUpgradeAsync(context, destinationPrefix, httpClient, requestConfig, transformer, cancellationToken);
    }

    private static bool IsUpgrade(HttpContext context) =>
        context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } || context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true };

    private static bool IsForTunnel(HttpContext context, string destinationPrefix, ForwarderRequestConfig config) =>
        context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true }
        && WebSocket.Equals(context.Request.Headers.Upgrade, StringComparison.OrdinalIgnoreCase)
        && destinationPrefix.StartsWith(Http, StringComparison.OrdinalIgnoreCase)
        && (config.Version is { Major: 1 } || config.VersionPolicy is null or HttpVersionPolicy.RequestVersionOrLower);

    private static ValueTask<ForwarderError> Refuse(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        context.Features.Set<IForwarderErrorFeature>(new TunnelErrorFeature(ForwarderError.RequestCanceled, null));
        return ValueTask.FromResult(ForwarderError.RequestCanceled);
    }

    private async ValueTask<ForwarderError> TunnelAsync(UpgradeRequest upgrade, HttpMessageInvoker httpClient)
    {
        var destination = registry.Of(upgrade.Cluster.ClusterId, upgrade.Destination);
        var result = await handshake.RunAsync(upgrade, destination.Counters);
        if (result.IsForeign)
        {
            return await ForwardUpgradeAsync(upgrade.Context, upgrade.DestinationPrefix, httpClient, upgrade.Config, upgrade.Transformer, upgrade.Cancellation);
        }

        if (result.Tunnel is not { } tunnel)
        {
            return result.Error;
        }

        registry.Add(destination, tunnel);
        TunnelLog.Opened(logger, destination.Counters.ClusterId, destination.Counters.DestinationId);
        if (SessionLease.Of(upgrade.Context) is { } lease)
        {
            var early = result.Early;
            EmptyContext.Start(() => RunAsync(lease, tunnel, early, destination));
            return ForwarderError.None;
        }

        return await RunAsync(upgrade.Context, tunnel, result.Early, destination);
    }

    private async Task RunAsync(SessionLease lease, Tunnel tunnel, byte[]? early, DestinationTunnels destination)
    {
        var error = ForwarderError.None;
        try
        {
            error = await RunAsync(tunnel, early, destination);
        }
        finally
        {
            lease.End(error, tunnel.Exception);
        }
    }

    private async Task<ForwarderError> RunAsync(HttpContext context, Tunnel tunnel, byte[]? early, DestinationTunnels destination)
    {
        var error = await RunAsync(tunnel, early, destination);
        if (error != ForwarderError.None)
        {
            context.Features.Set<IForwarderErrorFeature>(new TunnelErrorFeature(error, tunnel.Exception));
        }

        return error;
    }

    /// <summary>Holds little while it waits for hours: what the handshake needed is gone by now.</summary>
    private async Task<ForwarderError> RunAsync(Tunnel tunnel, byte[]? early, DestinationTunnels destination)
    {
        var counters = destination.Counters;
        ForwarderError error;
        TimeSpan duration;
        try
        {
            error = await tunnel.RunAsync(early);
        }
        finally
        {
            duration = registry.Remove(destination, tunnel);
        }

        metrics.Ended(counters, tunnel.End, duration);
        TunnelLog.Ended(logger, tunnel.Exception, counters.ClusterId, counters.DestinationId, TunnelMetrics.ToText(tunnel.End), tunnel.BytesIn, tunnel.BytesOut);
        return error;
    }

    /// <summary>By YARP, which knows no close frames: when the gateway goes down these are cut after the time that tunnels may take.</summary>
    private async ValueTask<ForwarderError> ForwardUpgradeAsync(
        HttpContext context,
        string destinationPrefix,
        HttpMessageInvoker httpClient,
        ForwarderRequestConfig requestConfig,
        HttpTransformer transformer,
        CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, registry.Over);
        return await inner.SendAsync(context, destinationPrefix, httpClient, requestConfig, transformer, ended.Token);
    }
}
