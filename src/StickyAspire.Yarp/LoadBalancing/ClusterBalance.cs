using System.Runtime.CompilerServices;
using StickyAspire.Yarp.Model;
using Yarp.ReverseProxy.Model;

namespace StickyAspire.Yarp.LoadBalancing;

/// <summary>What balancing keeps of one cluster: its gate, and a roster for each list of destinations that comes along. YARP makes another list whenever a server comes, goes or changes its health.</summary>
internal sealed class ClusterBalance
{
    private readonly ConditionalWeakTable<IReadOnlyList<DestinationState>, Roster> _rosters = [];
    private IReadOnlyList<DestinationState>? _list;
    private Roster? _roster;

    public Lock Gate { get; } = new();

    /// <summary>The roster of a list, fresh. Only under the gate.</summary>
    public Roster Get(ClusterState cluster, IReadOnlyList<DestinationState> destinations, ServerRegistry registry, TimeProvider timeProvider)
    {
        if (!ReferenceEquals(_list, destinations))
        {
            if (!_rosters.TryGetValue(destinations, out var roster))
            {
                roster = new Roster(cluster, destinations, _roster, registry, timeProvider);
                _rosters.Add(destinations, roster);
            }

            _list = destinations;
            _roster = roster;
        }

        _roster!.Refresh(cluster);
        return _roster;
    }
}
