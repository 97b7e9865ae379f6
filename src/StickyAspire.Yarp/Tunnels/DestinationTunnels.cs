namespace StickyAspire.Yarp.Tunnels;

/// <summary>One destination's open tunnels, in a list that costs no object for each.</summary>
internal sealed class DestinationTunnels(string clusterId, string destinationId)
{
    private readonly Lock _gate = new();
    private Tunnel? _first;

    public TunnelCounters Counters { get; } = new(clusterId, destinationId);

    public void Add(Tunnel tunnel)
    {
        lock (_gate)
        {
            tunnel.Next = _first;
            _first?.Previous = tunnel;
            _first = tunnel;
        }

        Counters.AddOpened();
    }

    public void Remove(Tunnel tunnel)
    {
        lock (_gate)
        {
            tunnel.Previous?.Next = tunnel.Next;
            tunnel.Next?.Previous = tunnel.Previous;
            if (_first == tunnel)
            {
                _first = tunnel.Next;
            }

            tunnel.Previous = tunnel.Next = null;
            tunnel.CountBytes(Counters);
        }

        Counters.AddClosed();
    }

    public void CopyTo(List<Tunnel> tunnels)
    {
        lock (_gate)
        {
            for (var tunnel = _first; tunnel is not null; tunnel = tunnel.Next)
            {
                tunnels.Add(tunnel);
            }
        }
    }

    /// <summary>Counts bytes, and finds those whose times ask for something.</summary>
    /// <returns>Whether any is about to end.</returns>
    public bool Sweep(long now, List<(Tunnel Tunnel, TunnelDue Due)> due)
    {
        var anyEnds = false;
        lock (_gate)
        {
            for (var tunnel = _first; tunnel is not null; tunnel = tunnel.Next)
            {
                anyEnds |= tunnel.End != TunnelEnd.None;
                if (tunnel.Sweep(now, Counters) is not TunnelDue.Nothing and var what)
                {
                    due.Add((tunnel, what));
                }
            }
        }

        return anyEnds;
    }
}
