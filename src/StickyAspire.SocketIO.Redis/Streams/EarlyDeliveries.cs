namespace StickyAspire.SocketIO.Redis.Streams;

/// <summary>
/// Which of this server's own entries its sockets had before they had a place in the stream, because Redis was away, and have not been read back since. While there are any, the offsets that clients get say so,
/// and nobody is recovered here: what was delivered and is not in the stream yet could not be made up for.
/// </summary>
internal sealed class EarlyDeliveries
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _settled;
    private long _through;
    private long _readBack;
    private long _count;

    /// <summary>The last such entry's number; 0 where there is none.</summary>
    public long Through => Volatile.Read(ref _through);

    /// <summary>How often an entry was delivered so.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>Complete when there is none.</summary>
    public Task Settled
    {
        get
        {
            lock (_gate)
            {
                return _settled?.Task ?? Task.CompletedTask;
            }
        }
    }

    public void OnDelivered(long number)
    {
        lock (_gate)
        {
            _count++;
            if (number > _readBack)
            {
                _through = number;
                _settled ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    public void OnReadBack(long number)
    {
        lock (_gate)
        {
            _readBack = Math.Max(_readBack, number);
            if (_settled is not null && number >= _through)
            {
                _through = 0;
                _settled.SetResult();
                _settled = null;
            }
        }
    }
}
