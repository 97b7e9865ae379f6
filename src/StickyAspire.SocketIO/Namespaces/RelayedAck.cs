using StickyAspire.SocketIO.Protocol;
using StickyAspire.SocketIO.Serialization;

namespace StickyAspire.SocketIO;

/// <summary>One client's answer to a broadcast, handed on to whoever gathers them.</summary>
internal sealed class RelayedAck(Action<SocketIOPacket> onAck) : PendingAck
{
    public override void Complete(ref SocketIOEventReader reader) => onAck(reader.ToAck());

    public override void Fail(Exception exception)
    {
        // A client that is gone does not answer: the gatherer's timeout says so.
    }
}
