using Yarp.ReverseProxy.Model;

namespace StickyAspire.Yarp.Membership;

/// <summary>Tells who wants to know it that a cluster's servers, or their health, have changed; and waits for one to come back.</summary>
internal sealed class DestinationsWatch(TimeProvider timeProvider)
{
    private readonly Lock _gate = new();
    private readonly List<Waiter> _waiters = [];

    /// <summary>After each change, on the thread that made it. Handlers are quick and throw nothing.</summary>
    public event Action<ClusterState>? Changed;

    /// <summary>How many wait at present.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _waiters.Count;
            }
        }
    }

    public void NotifyChanged(ClusterState cluster)
    {
        List<Waiter>? back = null;
        lock (_gate)
        {
            for (var i = _waiters.Count - 1; i >= 0; i--)
            {
                if (ReferenceEquals(_waiters[i].Cluster, cluster) && IsAvailable(cluster, _waiters[i].Server))
                {
                    (back ??= []).Add(_waiters[i]);
                    _waiters.RemoveAt(i);
                }
            }
        }

        back?.ForEach(waiter => waiter.Outcome.TrySetResult(true));
        Changed?.Invoke(cluster);
    }

    /// <summary>Waits until the server is available. False after the timeout, or when the client has left.</summary>
    public async Task<bool> WaitAsync(ClusterState cluster, DestinationState server, TimeSpan timeout, CancellationToken aborted)
    {
        var waiter = new Waiter(cluster, server);
        lock (_gate)
        {
            _waiters.Add(waiter);
        }

        // It may have come back between the look that missed it and this one.
        if (IsAvailable(cluster, server))
        {
            waiter.Outcome.TrySetResult(true);
        }

        try
        {
            await using var left = aborted.UnsafeRegister(static state => ((Waiter)state!).Outcome.TrySetResult(false), waiter);
            await using var timer = timeProvider.CreateTimer(static state => ((Waiter)state!).Outcome.TrySetResult(false), waiter, timeout, Timeout.InfiniteTimeSpan);
            return await waiter.Outcome.Task;
        }
        finally
        {
            lock (_gate)
            {
                _waiters.Remove(waiter);
            }
        }
    }

    private static bool IsAvailable(ClusterState cluster, DestinationState server)
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

    private sealed class Waiter(ClusterState cluster, DestinationState server)
    {
        public ClusterState Cluster { get; } = cluster;

        public DestinationState Server { get; } = server;

        public TaskCompletionSource<bool> Outcome { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
