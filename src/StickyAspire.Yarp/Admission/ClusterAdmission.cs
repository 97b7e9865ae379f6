using System.Runtime.CompilerServices;
using StickyAspire.Yarp.Configuration;
using StickyAspire.Yarp.Diagnostics;
using StickyAspire.Yarp.Model;
using Yarp.ReverseProxy.Model;

namespace StickyAspire.Yarp.Admission;

/// <summary>
/// A cluster's slots and queues. One lock guards them all, and nobody takes it while no limit is configured. What waits for one server and what waits for any stand in two kinds of
/// queues; a free slot goes to whoever of the first in both has come earlier.
/// </summary>
internal sealed class ClusterAdmission(ClusterState cluster, ServerRegistry registry, StickyMetrics metrics, TimeProvider timeProvider)
{
    /// <summary>How often what servers report of themselves is looked at.</summary>
    private static readonly TimeSpan RefreshInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<DestinationState, ServerAdmission> _servers = [];
    private readonly ConditionalWeakTable<DestinationState, ServerAdmission> _known = [];
    private long _refreshedAt;
    private long _arrivals;
    private volatile bool _isLimited;
    private volatile bool _isFresh;

    /// <summary>Those that any server may take (a backend's <c>qcur</c>).</summary>
    public AdmissionQueue Queue { get; } = new();

    public ClientRates Clients { get; } = new(timeProvider);

    public AdmissionOptions Options => AdmissionOptions.Of(cluster.Model.Config);

    /// <summary>Whether there is any limit to keep.</summary>
    public bool IsLimited
    {
        get
        {
            if (!_isFresh || timeProvider.GetElapsedTime(Volatile.Read(ref _refreshedAt)) >= RefreshInterval)
            {
                Refresh();
            }

            return _isLimited;
        }
    }

    public ServerAdmission Of(DestinationState server) => _known.TryGetValue(server, out var known) ? known : _known.GetValue(server, each => new ServerAdmission(each, registry.Get(cluster, each)));

    /// <summary>
    /// The servers out of the list that could take a request right now: with a free slot, for a handshake within their rate. The very list where that is all of them,
    /// so that balancing sees no difference. <paramref name="areAnyOpen"/> tells a list of busy servers from one of which none takes new sessions at all.
    /// </summary>
    public IReadOnlyList<DestinationState> FindFree(IReadOnlyList<DestinationState> servers, bool isHandshake, out bool areAnyOpen)
    {
        var now = timeProvider.GetTimestamp();
        List<DestinationState>? free = null;
        areAnyOpen = false;
        var backups = !HasPrimary(servers);
        lock (_gate)
        {
            for (var i = 0; i < servers.Count; i++)
            {
                var status = registry.Get(cluster, servers[i]);
                var isOpen = status.TakesNewSessions && status.IsBackup == backups;
                areAnyOpen |= isOpen;
                var admission = Of(servers[i]);
                var isFree = admission.IsFree && (!isHandshake || admission.HasHandshake(now, timeProvider));
                if (isOpen && !isFree)
                {
                    free ??= [.. servers.Take(i)];
                }
                else
                {
                    free?.Add(servers[i]);
                }
            }
        }

        // What is left of those that are closed to new sessions anyway is for balancing to pass over, and where nothing else is left nobody is free.
        return free is null ? servers : free.Exists(each => registry.Get(cluster, each) is { TakesNewSessions: true } status && status.IsBackup == backups) ? free : [];
    }

    /// <summary>Takes a slot of that server, if it has one.</summary>
    public AdmissionOutcome TryTake(DestinationState server, bool isHandshake)
    {
        var now = timeProvider.GetTimestamp();
        var admission = Of(server);
        lock (_gate)
        {
            if (isHandshake && !admission.HasHandshake(now, timeProvider))
            {
                return AdmissionOutcome.RateLimited;
            }

            if (!admission.IsFree)
            {
                return AdmissionOutcome.QueueFull;
            }

            Take(admission);
            if (isHandshake)
            {
                admission.TakeHandshake();
            }

            return AdmissionOutcome.Admitted;
        }
    }

    /// <summary>Gives a slot back, and on to the next in the queues.</summary>
    public void GiveBack(DestinationState server)
    {
        var admission = Of(server);
        lock (_gate)
        {
            admission.GiveBack();
            Grant(admission);
        }
    }

    /// <summary>Waits for a slot of that server, or of any where none is named.</summary>
    public async Task<(AdmissionOutcome Outcome, DestinationState? Server)> WaitAsync(DestinationState? server, CancellationToken aborted)
    {
        var options = Options;
        var queue = server is null ? Queue : Of(server).Queue;
        var since = timeProvider.GetTimestamp();
        Waiter waiter;
        lock (_gate)
        {
            if (queue.Length >= options.QueueMaxLength)
            {
                return (AdmissionOutcome.QueueFull, null);
            }

            waiter = queue.Add(++_arrivals, mayLoseServer: server is not null && IsAvailable(server));

            // A slot may have become free since the caller looked.
            GrantAll();
        }

        metrics.QueueChanged(cluster.ClusterId, 1);
        var patience = new Patience(this, waiter, since, options.QueueTimeout);
        try
        {
            var look = options.QueueTimeout < RefreshInterval ? options.QueueTimeout : RefreshInterval;
            await using var left = aborted.UnsafeRegister(static state => ((Patience)state!).Leave(AdmissionOutcome.Left), patience);
            var waited = timeProvider.GetElapsedTime(since);
            await using var timer = timeProvider.CreateTimer(static state => ((Patience)state!).Look(), patience, waited < look ? look - waited : TimeSpan.Zero, look);
            var end = await waiter.End;
            metrics.Queued(cluster.ClusterId, timeProvider.GetElapsedTime(since), end.Outcome.ToString());
            return end;
        }
        finally
        {
            metrics.QueueChanged(cluster.ClusterId, -1);
        }
    }

    /// <summary>After a change of servers or their health: who waits for one that is gone goes elsewhere, and a server that came takes what waits.</summary>
    public void OnDestinationsChanged()
    {
        Refresh();
        lock (_gate)
        {
            foreach (var (server, admission) in _servers)
            {
                if (!IsAvailable(server))
                {
                    foreach (var waiter in admission.Queue.ThatMayLoseServer())
                    {
                        admission.Queue.Remove(waiter);
                        admission.Queue.CountRedispatch();
                        waiter.Complete(AdmissionOutcome.ServerLost);
                    }
                }
            }

            GrantAll();
        }
    }

    private void Refresh()
    {
        var options = Options;
        var isLimited = options.ClientHandshakeRate > 0;
        lock (_gate)
        {
            var all = cluster.DestinationsState.AllDestinations;
            foreach (var server in all)
            {
                var admission = Of(server);
                var (maxConn, rate) = options.Of(new MetadataReader(server.Model?.Config.Metadata, server.DestinationId));
                admission.MaxConn = registry.Get(cluster, server).ReportedMaxConn ?? maxConn;
                admission.HandshakeRate = rate;
                isLimited |= admission.MaxConn > 0 || rate > 0;
                _servers[server] = admission;
            }

            foreach (var (server, admission) in _servers)
            {
                if (admission is { Used: 0, Queue.Length: 0 } && !all.Contains(server))
                {
                    _servers.Remove(server);
                }
            }

            _isLimited = isLimited;
            Volatile.Write(ref _refreshedAt, timeProvider.GetTimestamp());
            _isFresh = true;
            GrantAll();
        }
    }

    private TimeSpan TimeSince(long since) => timeProvider.GetElapsedTime(since);

    private void GrantAll()
    {
        foreach (var admission in _servers.Values)
        {
            Grant(admission);
        }
    }

    private void Grant(ServerAdmission admission)
    {
        while (admission.IsFree)
        {
            var own = admission.Queue.First;
            var any = Queue.First is { } first && IsAvailable(admission.Server) && registry.Get(cluster, admission.Server) is { TakesNewSessions: true, IsBackup: false } ? first : null;
            var next = own is null || any?.Number < own.Number ? any : own;
            if (next is null)
            {
                return;
            }

            next.Queue.Remove(next);
            Take(admission);
            next.Complete(AdmissionOutcome.Admitted, admission.Server);
        }
    }

    private void Take(ServerAdmission admission)
    {
        admission.Take();
        _servers[admission.Server] = admission;
    }

    private void Leave(Waiter waiter, AdmissionOutcome outcome)
    {
        lock (_gate)
        {
            if (waiter.Queue.Remove(waiter))
            {
                if (outcome == AdmissionOutcome.TimedOut)
                {
                    waiter.Queue.CountTimeout();
                }

                waiter.Complete(outcome);
            }
        }
    }

    private bool HasPrimary(IReadOnlyList<DestinationState> servers)
    {
        for (var i = 0; i < servers.Count; i++)
        {
            if (registry.Get(cluster, servers[i]) is { TakesNewSessions: true, IsBackup: false })
            {
                return true;
            }
        }

        return false;
    }

    private bool IsAvailable(DestinationState server)
    {
        var available = cluster.DestinationsState.AvailableDestinations;
        for (var i = 0; i < available.Count; i++)
        {
            if (ReferenceEquals(available[i], server))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// A waiting request's watch. It ends the wait in time, and until then looks once a second for slots that nobody gives back: those of requests that began before there was a limit.
    /// </summary>
    private sealed class Patience(ClusterAdmission admission, Waiter waiter, long since, TimeSpan limit)
    {
        public void Leave(AdmissionOutcome outcome) => admission.Leave(waiter, outcome);

        public void Look()
        {
            if (admission.TimeSince(since) >= limit)
            {
                Leave(AdmissionOutcome.TimedOut);
            }
            else
            {
                _ = admission.IsLimited;
            }
        }
    }
}
