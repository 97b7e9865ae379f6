using StickyAspire.Replica;
using StickyAspire.SocketIO;

namespace StickyAspire.RealtimeService.Backplane;

/// <summary>Counts Socket.IO's sessions for the replica's report: a polling one has no request in progress between two polls. SignalR's connections are requests, and counted as such.</summary>
internal sealed class SocketIOLoad(ISocketIOServer io) : ILoadSource
{
    public int Sessions => io.ClientsCount;
}
