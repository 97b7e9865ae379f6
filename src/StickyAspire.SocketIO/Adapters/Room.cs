namespace StickyAspire.SocketIO.Adapters;

/// <summary>The sockets in a room, on this server. Guarded by the adapter.</summary>
internal sealed class Room
{
    public HashSet<SocketIOSocket> Members { get; } = [];
}
