using StickyAspire.SocketIO.Serialization;

namespace StickyAspire.SocketIO;

/// <summary>An answer that is awaited.</summary>
internal abstract class PendingAck
{
    public abstract void Complete(ref SocketIOEventReader reader);

    public abstract void Fail(Exception exception);
}
