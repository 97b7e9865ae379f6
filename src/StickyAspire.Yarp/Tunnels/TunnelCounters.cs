namespace StickyAspire.Yarp.Tunnels;

/// <summary>One destination's tunnels in numbers, for the stats page and the metrics. Any thread may read them at any time.</summary>
/// <param name="clusterId">The destination's cluster.</param>
/// <param name="destinationId">The destination.</param>
internal sealed class TunnelCounters(string clusterId, string destinationId)
{
    private long _active;
    private long _maxActive;
    private long _opened;
    private long _refused;
    private long _failed;
    private long _bytesIn;
    private long _bytesOut;

    public string ClusterId => clusterId;

    public string DestinationId => destinationId;

    /// <summary>Open now.</summary>
    public long Active => Volatile.Read(ref _active);

    /// <summary>The most that have been open at once.</summary>
    public long MaxActive => Volatile.Read(ref _maxActive);

    /// <summary>Opened ever.</summary>
    public long Opened => Volatile.Read(ref _opened);

    /// <summary>Handshakes that the server answered with something else than 101.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <summary>Handshakes without any answer: the server could not be reached, or said nothing sensible in time.</summary>
    public long Failed => Volatile.Read(ref _failed);

    /// <summary>Bytes from clients to the server, framing included, handshakes not. Lags behind by up to a second while tunnels are open.</summary>
    public long BytesIn => Volatile.Read(ref _bytesIn);

    /// <summary>Bytes from the server to clients; as above.</summary>
    public long BytesOut => Volatile.Read(ref _bytesOut);

    public void AddOpened()
    {
        Interlocked.Increment(ref _opened);
        var active = Interlocked.Increment(ref _active);
        for (var max = MaxActive; active > max; max = MaxActive)
        {
            if (Interlocked.CompareExchange(ref _maxActive, active, max) == max)
            {
                return;
            }
        }
    }

    public void AddClosed() => Interlocked.Decrement(ref _active);

    public void AddRefused() => Interlocked.Increment(ref _refused);

    public void AddFailed() => Interlocked.Increment(ref _failed);

    public void AddBytes(long bytesIn, long bytesOut)
    {
        Interlocked.Add(ref _bytesIn, bytesIn);
        Interlocked.Add(ref _bytesOut, bytesOut);
    }
}
