namespace StickyAspire.Yarp.Admission;

/// <summary>Requests waiting for one server, or for any server of a cluster, in the order they came; and what a stats page shows of them. Whoever changes it holds the cluster's lock.</summary>
internal sealed class AdmissionQueue
{
    private readonly LinkedList<Waiter> _waiters = new();
    private int _length;
    private int _maxLength;
    private long _timeouts;
    private long _refusals;
    private long _redispatches;

    /// <summary>How many wait now (HAProxy's <c>qcur</c>).</summary>
    public int Length => Volatile.Read(ref _length);

    /// <summary>The most that ever waited at once (HAProxy's <c>qmax</c>).</summary>
    public int MaxLength => Volatile.Read(ref _maxLength);

    /// <summary>How many waited in vain.</summary>
    public long Timeouts => Volatile.Read(ref _timeouts);

    /// <summary>How many were refused at once: the queue was full, or too many sessions began.</summary>
    public long Refusals => Volatile.Read(ref _refusals);

    /// <summary>How many went to another server because this one went down or its queue was full.</summary>
    public long Redispatches => Volatile.Read(ref _redispatches);

    public Waiter? First => _waiters.First?.Value;

    public void CountTimeout() => Interlocked.Increment(ref _timeouts);

    public void CountRefusal() => Interlocked.Increment(ref _refusals);

    public void CountRedispatch() => Interlocked.Increment(ref _redispatches);

    public Waiter Add(long number, bool mayLoseServer)
    {
        var waiter = new Waiter(this, number, mayLoseServer);
        waiter.Node = _waiters.AddLast(waiter);
        Volatile.Write(ref _length, _waiters.Count);
        Volatile.Write(ref _maxLength, Math.Max(_maxLength, _waiters.Count));
        return waiter;
    }

    /// <summary>False where it has been taken out before.</summary>
    public bool Remove(Waiter waiter)
    {
        if (waiter.Node is not { } node)
        {
            return false;
        }

        waiter.Node = null;
        _waiters.Remove(node);
        Volatile.Write(ref _length, _waiters.Count);
        return true;
    }

    /// <summary>Those of them that go elsewhere when the server goes down.</summary>
    public List<Waiter> ThatMayLoseServer() => [.. _waiters.Where(waiter => waiter.MayLoseServer)];
}
