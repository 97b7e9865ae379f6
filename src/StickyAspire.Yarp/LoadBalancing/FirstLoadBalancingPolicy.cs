using Microsoft.AspNetCore.Http;
using StickyAspire.Yarp.Model;
using Yarp.ReverseProxy.Model;

namespace StickyAspire.Yarp.LoadBalancing;

/// <summary>
/// HAProxy's <c>first</c>: the first server, in the order of their ids (<c>s2</c> before <c>s10</c>), that has less than its <c>maxconn</c>, so that the last ones can be switched off at night.
/// Where all are full, the one with the least to do.
/// </summary>
internal sealed class FirstLoadBalancingPolicy(ServerRegistry registry, TimeProvider timeProvider) : ServerLoadBalancingPolicy(registry, timeProvider)
{
    public const string PolicyName = "First";

    public override string Name => PolicyName;

    protected override int Pick(HttpContext context, ClusterState cluster, Roster roster)
    {
        foreach (var index in roster.Eligible)
        {
            if (roster.MaxConn(index) is not { } max || roster.GetCurrentLoad(index) < max)
            {
                return index;
            }
        }

        return PickLeastLoaded(roster);
    }
}
