namespace StickyAspire.SocketIO.Engine;

/// <summary>
/// Carries a session's packets. A transport pulls what it sends from the session, and only while it is the session's
/// current one: so an upgrade can lose, double or reorder nothing.
/// </summary>
internal abstract class EngineTransport(EngineSession session)
{
    public EngineSession Session { get; } = session;

    /// <summary>The name in the <c>transport</c> query parameter.</summary>
    public abstract string Name { get; }

    /// <summary>Whether a packet sent now would leave at once; what volatile packets ask.</summary>
    public abstract bool IsWritable { get; }

    /// <summary>Called without any lock after the session has queued packets, or wants to close. Never blocks, never throws.</summary>
    public abstract void Flush();

    /// <summary>Called once when the session has ended or has moved to another transport.</summary>
    /// <param name="lastWord">What a request that still waits for an answer gets.</param>
    public abstract void Discard(EnginePacket lastWord);
}
