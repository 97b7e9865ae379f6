namespace StickyAspire.SocketIO.Protocol;

/// <summary>Turns packets into messages and back: Node's <c>parser</c> option. Both sides must use the same one.</summary>
public interface ISocketIOParser
{
    /// <summary>Encodes a packet. Called by many threads.</summary>
    SocketIOFrames Encode(SocketIOPacket packet);

    /// <summary>A decoder for one connection.</summary>
    ISocketIODecoder CreateDecoder();
}
