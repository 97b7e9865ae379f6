namespace StickyAspire.SocketIO.Protocol;

/// <summary>Packet types of the Socket.IO protocol, revision 5.</summary>
public enum SocketIOPacketType
{
    /// <summary>A client joins a namespace, or the server's answer to that.</summary>
    Connect = 0,

    /// <summary>One side leaves a namespace.</summary>
    Disconnect = 1,

    /// <summary>An event: a JSON array of its name and its arguments.</summary>
    Event = 2,

    /// <summary>The answer to an event that asked for one.</summary>
    Ack = 3,

    /// <summary>The server refuses a client in a namespace.</summary>
    ConnectError = 4,

    /// <summary>An event with binary attachments.</summary>
    BinaryEvent = 5,

    /// <summary>An answer with binary attachments.</summary>
    BinaryAck = 6,
}
