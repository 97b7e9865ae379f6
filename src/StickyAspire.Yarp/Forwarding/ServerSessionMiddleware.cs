using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using StickyAspire.Yarp.Health;
using StickyAspire.Yarp.Model;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace StickyAspire.Yarp.Forwarding;

/// <summary>Last before the forwarder: counts each server's sessions and errors, and has its traffic observed.</summary>
internal sealed class ServerSessionMiddleware(RequestDelegate next, ServerRegistry registry, TrafficObserver observer, RequestDownListener down, TimeProvider timeProvider)
{
    public Task InvokeAsync(HttpContext context)
    {
        var proxy = context.GetReverseProxyFeature();
        return proxy.AvailableDestinations.Count == 1 ? CountAsync(context, proxy.Route.Cluster!, proxy.AvailableDestinations[0]) : next(context);
    }

    private async Task CountAsync(HttpContext context, ClusterState cluster, DestinationState destination)
    {
        var server = registry.Get(cluster, destination);
        server.BeginSession(timeProvider.GetUtcNow());
        try
        {
            await (CheckOptions.MayEndSessions(cluster.Model.Config) ? ForwardAsync(context, destination) : next(context));
        }
        finally
        {
            server.EndSession();
        }

        var error = context.Features.Get<IForwarderErrorFeature>();
        if (error is null)
        {
            observer.Answered(cluster, destination, server, context.Response.StatusCode);
        }
        else if (ForwarderOutcome.IsConnectFailure(error))
        {
            server.CountConnectError();
            observer.Failed(cluster, destination, server, ObserveLayer.Layer4);
        }
        else if (ForwarderOutcome.IsResponseFailure(error))
        {
            server.CountResponseError();
            observer.Failed(cluster, destination, server, ObserveLayer.Layer7);
        }
    }

    /// <summary>Forwards, and ends it when the server's sessions are to end. WebSockets have a close frame of their own: see Tunnels/.</summary>
    private async Task ForwardAsync(HttpContext context, DestinationState destination)
    {
        if (context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } || context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true })
        {
            await next(context);
            return;
        }

        var aborted = context.RequestAborted;
        var end = down.GetToken(destination);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(aborted, end);
        context.RequestAborted = either.Token;
        try
        {
            await next(context);
        }
        finally
        {
            context.RequestAborted = aborted;
        }

        if (end.IsCancellationRequested && !context.Response.HasStarted)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        }
    }
}
