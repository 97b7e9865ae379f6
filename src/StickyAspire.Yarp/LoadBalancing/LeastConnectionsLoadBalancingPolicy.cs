using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.LoadBalancing;
using Yarp.ReverseProxy.Model;

namespace StickyAspire.Yarp.LoadBalancing;

/// <summary>
/// HAProxy's <c>leastconn</c>: the server with the fewest requests in progress, WebSockets and waiting polls among them. Servers with as many take turns,
/// where YARP's own <c>LeastRequests</c> would always take the first.
/// </summary>
internal sealed class LeastConnectionsLoadBalancingPolicy(TimeProvider timeProvider) : ILoadBalancingPolicy
{
    public const string PolicyName = "LeastConnections";

    private readonly ConditionalWeakTable<ClusterState, LoadLedger> _ledgers = [];

    public string Name => PolicyName;

    public DestinationState? PickDestination(HttpContext context, ClusterState cluster, IReadOnlyList<DestinationState> availableDestinations) =>
        availableDestinations.Count switch
        {
            0 => null,
            1 => availableDestinations[0],
            _ => _ledgers.GetOrCreateValue(cluster).Pick(availableDestinations, timeProvider),
        };
}
