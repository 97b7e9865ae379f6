namespace StickyAspire.SocketIO.Engine;

/// <summary>
/// Carries a session's packets. A transport pulls what it sends from the session, and only while it is the session's
/// current one: so an upgrade can lose, double or reorder nothing.
/// </summary>
internal abstract class EngineTransport(EngineSession session)
{
    private int _isDeferred;

    public EngineSession Session { get; } = session;

    /// <summary>The name in the <c>transport</c> query parameter.</summary>
    public abstract string Name { get; }

    /// <summary>Whether a packet sent now would leave at once; what volatile packets ask.</summary>
    public abstract bool IsWritable { get; }

    /// <summary>Called without any lock after the session has queued packets, or wants to close. Never blocks, never throws.</summary>
    public abstract void Flush();

    /// <summary>Whether the caller is to flush later: false if somebody is to do so already, and will in a moment.</summary>
    public bool TryDefer() => Interlocked.Exchange(ref _isDeferred, 1) == 0;

    /// <summary>Flushes what has been put off.</summary>
    /// <param name="inline">Whether the thread may do whatever comes of it: nothing of the application's is further down its stack.</param>
    public void FlushDeferred(bool inline)
    {
        // First, so that what is queued from here on is somebody's to flush.
        Interlocked.Exchange(ref _isDeferred, 0);
        if (inline)
        {
            FlushInline();
        }
        else
        {
            Flush();
        }
    }

    /// <summary><see cref="Flush"/>, where the transport may use the thread for the rest of a request.</summary>
    protected virtual void FlushInline() => Flush();

    /// <summary>Called once when the session has ended or has moved to another transport.</summary>
    /// <param name="lastWord">What a request that still waits for an answer gets.</param>
    public abstract void Discard(EnginePacket lastWord);
}
