namespace StickyAspire.Yarp.Tunnels;

/// <summary>
/// One direction of a tunnel. Its pump writes; whoever closes the tunnel may put a close frame in, between two frames, after which nothing else passes.
/// The two agree by one word: the pump owns the direction while it writes, the closer asks it to close, or does it where the pump rests.
/// </summary>
internal struct Lane
{
    private const int Resting = 0;
    private const int Pumping = 1;

    /// <summary>The pump writes, and shall close when it is done.</summary>
    private const int PumpingLast = 2;

    /// <summary>The pump rests in the middle of a frame, and shall close when that has passed.</summary>
    private const int RestingWithinLast = 3;

    /// <summary>The closer writes: for the time of one system call.</summary>
    private const int Closing = 4;
    private const int Closed = 5;

    private FrameTracker _frames;
    private long _bytes;
    private int _state;
    private bool _isCut;

    /// <summary>All that came from the peer, passed on or not.</summary>
    public readonly long Bytes => Volatile.Read(in _bytes);

    /// <summary>The gateway's own close frame is in; all that comes is to be thrown away.</summary>
    public readonly bool IsClosed => Volatile.Read(in _state) == Closed;

    /// <summary>The peer has sent a close frame.</summary>
    public readonly bool CloseSeen => _frames.CloseSeen;

    /// <summary>Counts what came from the peer.</summary>
    /// <returns>How much of it the pump may pass on: where the direction shall close, no more than up to the end of a frame.</returns>
    public int Track(ReadOnlySpan<byte> data)
    {
        Volatile.Write(ref _bytes, _bytes + data.Length);
        var passes = data.Length;
        if (Volatile.Read(ref _state) == PumpingLast)
        {
            passes = TrackToCut(data);
            data = data[passes..];
        }

        _frames.Track(data);
        return passes;
    }

    /// <summary>The pump has something to write. False where it is to be thrown away.</summary>
    public bool Enter()
    {
        var spin = new SpinWait();
        while (true)
        {
            switch (Interlocked.CompareExchange(ref _state, Pumping, Resting))
            {
                case Resting:
                    return true;
                case RestingWithinLast:
                    Volatile.Write(ref _state, PumpingLast);
                    return true;
                case Closing:
                    spin.SpinOnce();
                    break;
                default:
                    return false;
            }
        }
    }

    /// <summary>The pump has written. True where it must write the close frame now.</summary>
    public bool Leave()
    {
        if (Interlocked.CompareExchange(ref _state, Resting, Pumping) == Pumping)
        {
            return false;
        }

        if (CloseSeen && !_isCut)
        {
            Volatile.Write(ref _state, Resting);
            return false;
        }

        var closes = _isCut || _frames.AtBoundary;
        Volatile.Write(ref _state, closes ? Closed : RestingWithinLast);
        return closes;
    }

    /// <summary>The closer wants a close frame in. True where it must write it itself now, and then call <see cref="CloseWritten"/>.</summary>
    public bool RequestClose()
    {
        while (true)
        {
            switch (Interlocked.CompareExchange(ref _state, Closing, Resting))
            {
                case Resting when CloseSeen:
                    // The peer was first, and its own frame has passed.
                    Volatile.Write(ref _state, Resting);
                    return false;
                case Resting when _frames.AtBoundary:
                    return true;
                case Resting:
                    Volatile.Write(ref _state, RestingWithinLast);
                    return false;
                case Pumping when Interlocked.CompareExchange(ref _state, PumpingLast, Pumping) != Pumping:
                    break;
                default:
                    return false;
            }
        }
    }

    public void CloseWritten() => Volatile.Write(ref _state, Closed);

    private int TrackToCut(ReadOnlySpan<byte> data)
    {
        var passes = _isCut ? 0 : _frames.TrackFrame(data);
        _isCut |= _frames.AtBoundary && !CloseSeen;
        return passes;
    }
}
