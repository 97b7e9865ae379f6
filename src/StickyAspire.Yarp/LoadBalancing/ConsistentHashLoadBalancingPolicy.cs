using Microsoft.AspNetCore.Http;
using StickyAspire.Yarp.Hashing;
using StickyAspire.Yarp.Model;
using Yarp.ReverseProxy.Model;

namespace StickyAspire.Yarp.LoadBalancing;

/// <summary>
/// HAProxy's <c>hash-type consistent</c>, on what <c>Hash.On</c> says. A server that joins moves only its share of the keys. With <c>Hash.BalanceFactor</c> no server gets more than that much
/// of the average: what is too much goes to the next on the ring. A request without a key is balanced round robin.
/// </summary>
internal class ConsistentHashLoadBalancingPolicy(ServerRegistry registry, TimeProvider timeProvider) : ServerLoadBalancingPolicy(registry, timeProvider)
{
    public const string PolicyName = "ConsistentHash";

    public override string Name => PolicyName;

    protected override int Pick(HttpContext context, ClusterState cluster, Roster roster)
    {
        var options = GetOptions(cluster);
        var picked = HashKey.TryGet(context, options, out var hash) ? roster.Ring.Find(hash, new Bound(roster, options.BalanceFactor)) : -1;
        return picked >= 0 ? picked : PickNext(roster);
    }

    protected virtual HashOptions GetOptions(ClusterState cluster) => HashOptions.Of(cluster.Model.Config);

    /// <summary>Accepts a server with a free slot: the sessions there will be, times the factor, are dealt out as slots by weight, rounded up each time, so there is always one free.</summary>
    private readonly ref struct Bound(Roster roster, int factor) : IRingFilter
    {
        private readonly Span<Roster.Entry> _entries = roster.Entries;
        private readonly long _slots = factor == 0 ? 0 : (((roster.TotalLoad + 1) * factor) + 99) / 100;

        public bool Accepts(int index)
        {
            ref readonly var entry = ref _entries[index];
            return entry.IsEligible
                && (factor == 0 || entry.Load < ((_slots * entry.Weight) + roster.TotalWeight - 1) / roster.TotalWeight);
        }
    }
}
