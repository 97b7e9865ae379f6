using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.LoadBalancing;
using Yarp.ReverseProxy.Model;

namespace StickyAspire.Yarp.LoadBalancing;

/// <summary>
/// HAProxy's <c>leastconn</c>: the server with the fewest requests in progress, WebSockets and waiting polls among them. Servers with as many take turns,
/// where YARP's own <c>LeastRequests</c> would always take the first.
/// </summary>
internal sealed class LeastConnectionsLoadBalancingPolicy : ILoadBalancingPolicy
{
    public const string PolicyName = "LeastConnections";

    private readonly ConditionalWeakTable<ClusterState, Turn> _turns = [];

    public string Name => PolicyName;

    public DestinationState? PickDestination(HttpContext context, ClusterState cluster, IReadOnlyList<DestinationState> availableDestinations)
    {
        var count = availableDestinations.Count;
        if (count <= 1)
        {
            return count == 0 ? null : availableDestinations[0];
        }

        var start = (int)((uint)_turns.GetOrCreateValue(cluster).Next() % (uint)count);
        var best = availableDestinations[start];
        var least = best.ConcurrentRequestCount;
        for (var i = 1; i < count; i++)
        {
            var candidate = availableDestinations[(start + i) % count];
            var load = candidate.ConcurrentRequestCount;
            if (load < least)
            {
                best = candidate;
                least = load;
            }
        }

        return best;
    }

    private sealed class Turn
    {
        private int _next = -1;

        public int Next() => Interlocked.Increment(ref _next);
    }
}
