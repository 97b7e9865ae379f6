using Microsoft.AspNetCore.Http;

namespace StickyAspire.Yarp.Stats.Collecting;

/// <summary>Stands behind affinity, and sees whether that has decided: what it leaves to balancing is HAProxy's <c>lbtot</c>.</summary>
internal sealed class BalancedMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        var proxy = context.GetReverseProxyFeature();
        if (context.Features.Get<ProxiedRequest>() is { } request)
        {
            // A list of affinity's own making is that of a session that sticks.
            request.IsBalanced = ReferenceEquals(proxy.AvailableDestinations, proxy.Route.Cluster?.DestinationsState.AvailableDestinations);
        }

        return next(context);
    }
}
