using Microsoft.AspNetCore.Http;
using StickyAspire.Yarp.Model;
using Yarp.ReverseProxy.Model;

namespace StickyAspire.Yarp.LoadBalancing;

/// <summary>HAProxy's <c>roundrobin</c>: servers take turns, as often as their weights say, and evenly mixed. YARP has a policy <c>RoundRobin</c>, without weights; hence the name.</summary>
internal sealed class WeightedRoundRobinLoadBalancingPolicy(ServerRegistry registry, TimeProvider timeProvider) : ServerLoadBalancingPolicy(registry, timeProvider)
{
    public const string PolicyName = "WeightedRoundRobin";

    public override string Name => PolicyName;

    protected override int Pick(HttpContext context, ClusterState cluster, Roster roster) => PickNext(roster);
}
