using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using StickyAspire.Yarp.Model;
using Yarp.ReverseProxy.LoadBalancing;
using Yarp.ReverseProxy.Model;

namespace StickyAspire.Yarp.LoadBalancing;

/// <summary>
/// What HAProxy's algorithms have in common: new sessions go to servers that are neither draining nor of weight 0, to backups only where there is no other, and each is counted for its server.
/// Choosing allocates nothing.
/// </summary>
internal abstract class ServerLoadBalancingPolicy(ServerRegistry registry, TimeProvider timeProvider) : ILoadBalancingPolicy
{
    private readonly ConditionalWeakTable<ClusterState, ClusterBalance> _clusters = [];

    public abstract string Name { get; }

    public DestinationState? PickDestination(HttpContext context, ClusterState cluster, IReadOnlyList<DestinationState> availableDestinations)
    {
        if (availableDestinations.Count == 0)
        {
            return null;
        }

        var balance = _clusters.GetOrCreateValue(cluster);
        lock (balance.Gate)
        {
            var roster = balance.Get(cluster, availableDestinations, registry, timeProvider);
            return roster.Count switch
            {
                0 => null,
                1 => roster.Give(roster.Eligible[0]),
                _ => roster.Give(Pick(context, cluster, roster)),
            };
        }
    }

    /// <summary>The index of one of at least two eligible servers.</summary>
    protected abstract int Pick(HttpContext context, ClusterState cluster, Roster roster);

    /// <summary>Whether a server of that load and weight has less to do than another, the session that is to be placed counted in: so the heavier of two idle servers comes first.</summary>
    protected static bool IsLighter(in Roster.Entry one, in Roster.Entry other) => (one.Load + 1L) * other.Weight < (other.Load + 1L) * one.Weight;

    /// <summary>HAProxy's <c>leastconn</c>: the least load for its weight. Servers with as much take turns.</summary>
    protected static int PickLeastLoaded(Roster roster)
    {
        var eligible = roster.Eligible;
        var entries = roster.Entries;
        var turn = roster.Turn + 1 < eligible.Length ? roster.Turn + 1 : 0;
        roster.Turn = turn;
        var best = eligible[turn];
        for (var i = 1; i < eligible.Length; i++)
        {
            var candidate = eligible[turn + i < eligible.Length ? turn + i : turn + i - eligible.Length];
            if (IsLighter(entries[candidate], entries[best]))
            {
                best = candidate;
            }
        }

        return best;
    }

    /// <summary>Smooth weighted round robin: everybody earns its weight, the richest is taken and pays for all. Weights 5, 1, 1 give a a b a c a a, not a a a a a b c.</summary>
    protected static int PickNext(Roster roster)
    {
        var entries = roster.Entries;
        var best = -1;
        foreach (var index in roster.Eligible)
        {
            ref var entry = ref entries[index];
            entry.Credit += entry.Weight;
            if (best < 0 || entry.Credit > entries[best].Credit)
            {
                best = index;
            }
        }

        entries[best].Credit -= roster.TotalWeight;
        return best;
    }
}
