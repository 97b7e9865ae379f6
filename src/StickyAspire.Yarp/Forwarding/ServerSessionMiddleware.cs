using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using StickyAspire.Yarp.Health;
using StickyAspire.Yarp.Model;
using StickyAspire.Yarp.Sessions;
using StickyAspire.Yarp.Tunnels;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace StickyAspire.Yarp.Forwarding;

/// <summary>
/// Last before the forwarder: counts each server's sessions and errors, and has its traffic judged. Offers WebSockets a lease, so that they may go on when their request ends.
/// </summary>
/// <param name="next">The forwarder.</param>
/// <param name="registry">The servers.</param>
/// <param name="observer">Judges by HAProxy's rules.</param>
/// <param name="down">Ends the requests of a server that is marked down.</param>
/// <param name="timeProvider">Says when a server's last session was.</param>
/// <param name="passiveHealth">The step that judges by YARP's.</param>
internal sealed class ServerSessionMiddleware(
    RequestDelegate next, ServerRegistry registry, TrafficObserver observer, RequestDownListener down, TimeProvider timeProvider, RequestDelegate passiveHealth)
{
    private readonly RequestDelegate _passiveHealth = passiveHealth;

    public Task InvokeAsync(HttpContext context)
    {
        var proxy = context.GetReverseProxyFeature();
        if (proxy.AvailableDestinations.Count != 1)
        {
            return next(context);
        }

        var cluster = proxy.Route.Cluster!;
        var destination = proxy.AvailableDestinations[0];
        var server = registry.Get(cluster, destination);
        var scope = RequestScope.Of(context);
        server.BeginSession(timeProvider.GetUtcNow());
        scope.Push(new RequestSession(this, cluster, destination, server));
        if (context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true })
        {
            scope.Lease = new SessionLease();
            return next(context);
        }

        return CheckOptions.MayEndSessions(cluster.Model.Config) && context.Features.Get<IHttpExtendedConnectFeature>() is not { IsExtendedConnect: true }
            ? ForwardAsync(context, destination)
            : next(context);
    }

    /// <summary>Takes in how a request has ended that had its server's answer, or an error in its place.</summary>
    private void Judge(HttpContext context, ClusterState cluster, DestinationState destination, ServerStatus server)
    {
        if (context.Features.Get<IForwarderErrorFeature>() is { } error)
        {
            Count(error, cluster, destination, server);
        }
        else
        {
            observer.Answered(cluster, destination, server, context.Response.StatusCode);
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

    /// <summary>Forwards, and ends it when the server's sessions are to end. Not for WebSockets, which have a close frame: see Tunnels/.</summary>
    private async Task ForwardAsync(HttpContext context, DestinationState destination)
    {
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

    /// <summary>A session as long as its request.</summary>
    private sealed class RequestSession(ServerSessionMiddleware counting, ClusterState cluster, DestinationState destination, ServerStatus server) : RequestHold
    {
        public override void End(HttpContext context, bool hasThrown)
        {
            server.EndSession();
            if (!hasThrown)
            {
                JudgeByYarp(context);
                counting.Judge(context, cluster, destination, server);
            }
        }

        public override void Leave(HttpContext context, SessionLease lease)
        {
            // Only now: until a moment ago YARP has counted it.
            server.BeginTunnel();
            lease.Add(new TunnelSession(counting, cluster, destination, server));
            JudgeByYarp(context);
        }

        /// <summary>Nothing of it waits.</summary>
        private void JudgeByYarp(HttpContext context) => counting._passiveHealth(context).GetAwaiter().GetResult();
    }

    /// <summary>A session that goes on when its request has ended.</summary>
    private sealed class TunnelSession(ServerSessionMiddleware counting, ClusterState cluster, DestinationState destination, ServerStatus server) : SessionHold
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
