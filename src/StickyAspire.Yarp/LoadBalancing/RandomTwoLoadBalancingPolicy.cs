using Microsoft.AspNetCore.Http;
using StickyAspire.Yarp.Model;
using Yarp.ReverseProxy.Model;

namespace StickyAspire.Yarp.LoadBalancing;

/// <summary>HAProxy's <c>random(2)</c>: two servers are drawn, by weight, and the one with less to do gets the session. Any number of gateways may do so without stepping on each other's feet.</summary>
internal sealed class RandomTwoLoadBalancingPolicy(ServerRegistry registry, TimeProvider timeProvider) : ServerLoadBalancingPolicy(registry, timeProvider)
{
    public const string PolicyName = "RandomTwo";

    public override string Name => PolicyName;

    protected override int Pick(HttpContext context, ClusterState cluster, Roster roster)
    {
        var one = roster.Draw();
        var other = roster.Draw();
        return IsLighter(roster.Entries[other], roster.Entries[one]) ? other : one;
    }
}
