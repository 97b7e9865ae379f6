using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using StickyAspire.Yarp.Health;
using StickyAspire.Yarp.Model;
using StickyAspire.Yarp.Sessions;
using StickyAspire.Yarp.Tunnels;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace StickyAspire.Yarp.Forwarding;

/// <summary>Last before the forwarder: counts each server's sessions and errors, and has its traffic observed. Offers WebSockets a lease, so that they may go on when their request ends.</summary>
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
        if (context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true })
        {
            context.Features.Set(new SessionLease());
        }

        try
        {
            await (CheckOptions.MayEndSessions(cluster.Model.Config) ? ForwardAsync(context, destination) : next(context));
        }
        finally
        {
            if (SessionLease.Of(context) is { } lease)
            {
                // Only now: until a moment ago YARP has counted it.
                server.BeginTunnel();
                lease.Add(new Session(this, cluster, destination, server));
            }
            else
            {
                server.EndSession();
            }
        }

        if (SessionLease.Of(context) is not null)
        {
            return;
        }

        var error = context.Features.Get<IForwarderErrorFeature>();
        if (error is null)
        {
            observer.Answered(cluster, destination, server, context.Response.StatusCode);
        }
        else
        {
            Count(error, cluster, destination, server);
        }
    }

    private void Count(IForwarderErrorFeature error, ClusterState cluster, DestinationState destination, ServerStatus server)
    {
        if (ForwarderOutcome.IsConnectFailure(error))
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

    /// <summary>A tunnel that goes on when its request has ended.</summary>
    private sealed class Session(ServerSessionMiddleware counting, ClusterState cluster, DestinationState destination, ServerStatus server) : SessionHold
    {
        public override void Release(ForwarderError error, Exception? exception)
        {
            server.EndTunnel();
            server.EndSession();
            if (error != ForwarderError.None)
            {
                counting.Count(new TunnelErrorFeature(error, exception), cluster, destination, server);
            }
        }
    }
}
