using Microsoft.AspNetCore.Http;
using StickyAspire.Yarp.Admission;
using StickyAspire.Yarp.Diagnostics;
using StickyAspire.Yarp.Membership;
using StickyAspire.Yarp.Stats.Collecting;
using Yarp.ReverseProxy.Model;
using Yarp.ReverseProxy.SessionAffinity;

namespace StickyAspire.Yarp.Affinity;

/// <summary>
/// What becomes of a request whose server is gone, as <c>Persist.OnFailure</c> says. A server that is not configured at all is no reason to wait or to refuse: whoever got its cookie
/// could never get rid of it.
/// </summary>
internal sealed class PersistAffinityFailurePolicy(DestinationsWatch watch, StickyMetrics metrics) : IAffinityFailurePolicy
{
    public const string PolicyName = "Persist";

    public string Name => PolicyName;

    public async Task<bool> Handle(HttpContext context, ClusterState cluster, AffinityStatus affinityStatus)
    {
        var options = PersistOptions.Of(cluster.Model.Config);
        if (context.Features.Get<LostServerFeature>() is { Server: var server })
        {
            if (options.OnFailure == LostServerAction.Status503)
            {
                metrics.Refused(cluster.ClusterId, server.DestinationId, "server_down");
                RetryAfter.Refuse(context, StatusCodes.Status503ServiceUnavailable);
                return false;
            }

            if (options.OnFailure == LostServerAction.Wait && await watch.WaitAsync(cluster, server, options.WaitTimeout, context.RequestAborted))
            {
                context.GetReverseProxyFeature().AvailableDestinations = server;
                return true;
            }
        }

        if (context.RequestAborted.IsCancellationRequested)
        {
            return false;
        }

        metrics.Redispatched(cluster.ClusterId);
        context.Features.Get<ProxiedRequest>()?.CountRedispatch();
        return true;
    }
}
