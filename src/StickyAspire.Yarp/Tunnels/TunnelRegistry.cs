using System.Runtime.CompilerServices;
using Yarp.ReverseProxy.Model;

namespace StickyAspire.Yarp.Tunnels;

/// <summary>Every open tunnel, by destination: to count them, to close them, and to look after their times with one timer for all.</summary>
internal sealed class TunnelRegistry(TimeProvider timeProvider) : IDisposable
{
    /// <summary>How exact idle times are.</summary>
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);

    /// <summary>How exact close times are, while tunnels are being closed.</summary>
    private static readonly TimeSpan CloseSweepInterval = TimeSpan.FromMilliseconds(100);

    private readonly ConditionalWeakTable<DestinationState, DestinationTunnels> _destinations = [];
    private readonly List<(Tunnel Tunnel, TunnelDue Due)> _due = [];
    private readonly Lock _sweepGate = new();
    private readonly long _started = timeProvider.GetTimestamp();
    private readonly CancellationTokenSource _over = new();
    private ITimer? _timer;
    private TimeSpan _interval = SweepInterval;
    private bool _isStopping;

    /// <summary>The gateway goes down: no tunnel is to be opened any more.</summary>
    public bool IsStopping => Volatile.Read(ref _isStopping);

    /// <summary>Signalled when the gateway has gone down for as long as tunnels may take: for upgrades that others have forwarded.</summary>
    public CancellationToken Over => _over.Token;

    /// <summary>Every destination that has had tunnels and still exists.</summary>
    public IEnumerable<TunnelCounters> Counters => _destinations.Select(pair => pair.Value.Counters);

    private long Now => (long)timeProvider.GetElapsedTime(_started).TotalMilliseconds;

    /// <summary>A destination's numbers; null where it has had no tunnel.</summary>
    public TunnelCounters? FindCounters(DestinationState destination) => _destinations.TryGetValue(destination, out var tunnels) ? tunnels.Counters : null;

    public DestinationTunnels Of(string clusterId, DestinationState destination) =>
        _destinations.GetValue(destination, each => new DestinationTunnels(clusterId, each.DestinationId));

    public void Add(DestinationTunnels destination, Tunnel tunnel)
    {
        tunnel.OpenedAt = Now;
        destination.Add(tunnel);
        EnsureTimer();

        // It came while all others were being closed.
        if (IsStopping)
        {
            tunnel.Close(TunnelEnd.Shutdown, CloseFrame.GoingAway, Now);
        }
    }

    /// <returns>How long it was open.</returns>
    public TimeSpan Remove(DestinationTunnels destination, Tunnel tunnel)
    {
        destination.Remove(tunnel);
        return TimeSpan.FromMilliseconds(Now - tunnel.OpenedAt);
    }

    /// <summary>Closes all tunnels of a destination, as HAProxy's <c>on-marked-down shutdown-sessions</c> does. Returns at once; the end takes up to the close timeout.</summary>
    /// <param name="destination">The server.</param>
    /// <param name="closeCode">What clients are told, for example 1001 (going away) or 1012 (service restart).</param>
    /// <returns>How many there were.</returns>
    public int CloseAll(DestinationState destination, ushort closeCode) =>
        _destinations.TryGetValue(destination, out var tunnels) ? CloseAll(tunnels, TunnelEnd.Evicted, closeCode) : 0;

    /// <summary>Closes every tunnel with 1001, and refuses new ones from now on.</summary>
    public void Stop()
    {
        Volatile.Write(ref _isStopping, true);
        _over.CancelAfter(TunnelOptions.DefaultCloseTimeout);
        foreach (var (_, tunnels) in _destinations)
        {
            CloseAll(tunnels, TunnelEnd.Shutdown, CloseFrame.GoingAway);
        }
    }

    public void Dispose()
    {
        _timer?.Dispose();
        _over.Dispose();
    }

    private int CloseAll(DestinationTunnels destination, TunnelEnd reason, ushort code)
    {
        var tunnels = new List<Tunnel>();
        destination.CopyTo(tunnels);
        foreach (var tunnel in tunnels)
        {
            tunnel.Close(reason, code, Now);
        }

        if (tunnels.Count > 0)
        {
            lock (_sweepGate)
            {
                SetInterval(CloseSweepInterval);
            }
        }

        return tunnels.Count;
    }

    private void EnsureTimer()
    {
        if (_timer is not null)
        {
            return;
        }

        lock (_sweepGate)
        {
            _timer ??= timeProvider.CreateTimer(static registry => ((TunnelRegistry)registry!).Sweep(), this, SweepInterval, SweepInterval);
        }
    }

    private void Sweep()
    {
        // One sweep at a time; one that comes too early has nothing to see.
        if (!_sweepGate.TryEnter())
        {
            return;
        }

        try
        {
            var now = Now;
            var isClosing = false;
            foreach (var (_, tunnels) in _destinations)
            {
                isClosing |= tunnels.Sweep(now, _due);
            }

            isClosing |= _due.Count > 0;

            foreach (var (tunnel, due) in _due)
            {
                Act(tunnel, due, now);
            }

            SetInterval(isClosing ? CloseSweepInterval : SweepInterval);
        }
        finally
        {
            _due.Clear();
            _sweepGate.Exit();
        }
    }

    private void SetInterval(TimeSpan interval)
    {
        if (interval != _interval)
        {
            _interval = interval;
            _timer?.Change(interval, interval);
        }
    }

    private static void Act(Tunnel tunnel, TunnelDue due, long now)
    {
        switch (due)
        {
            case TunnelDue.Idle:
                tunnel.Close(TunnelEnd.Idle, CloseFrame.GoingAway, now);
                break;
            case TunnelDue.AskServer:
                tunnel.AskServer();
                break;
            case TunnelDue.Abort:
                tunnel.Abort();
                break;
        }
    }
}
