using Microsoft.AspNetCore.Http;
using StickyAspire.Yarp.Model;
using Yarp.ReverseProxy.Model;

namespace StickyAspire.Yarp.LoadBalancing;

/// <summary>
/// HAProxy's <c>leastconn</c>: the server with the least to do for its weight: requests in progress, WebSockets and waiting polls among them, and the sessions that other gateways have there, as
/// the servers report them. Servers with as much take turns, where YARP's own <c>LeastRequests</c> would always take the first.
/// </summary>
internal sealed class LeastConnectionsLoadBalancingPolicy(ServerRegistry registry, TimeProvider timeProvider) : ServerLoadBalancingPolicy(registry, timeProvider)
{
    public const string PolicyName = "LeastConnections";

    public override string Name => PolicyName;

    protected override int Pick(HttpContext context, ClusterState cluster, Roster roster) => PickLeastLoaded(roster);
}
