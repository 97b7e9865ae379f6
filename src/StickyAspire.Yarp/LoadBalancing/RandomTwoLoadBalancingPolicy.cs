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
        var one = Draw(roster);
        var other = Draw(roster);
        return IsLighter(roster.Entries[other], roster.Entries[one]) ? other : one;
    }

    private static int Draw(Roster roster)
    {
        var left = Random.Shared.NextInt64(roster.TotalWeight);
        foreach (var index in roster.Eligible)
        {
            left -= roster.Entries[index].Weight;
            if (left < 0)
            {
                return index;
            }
        }

        return roster.Eligible[^1];
    }
}
