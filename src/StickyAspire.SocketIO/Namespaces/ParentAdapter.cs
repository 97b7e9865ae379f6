using StickyAspire.SocketIO.Adapters;
using StickyAspire.SocketIO.Protocol;

namespace StickyAspire.SocketIO;

/// <summary>Passes what is emitted to a parent namespace on to its children.</summary>
internal sealed class ParentAdapter(ParentNamespace parent) : SocketIOAdapter(parent)
{
    public override async ValueTask BroadcastAsync(SocketIOPacket packet, BroadcastOptions options)
    {
        foreach (var child in parent.Children)
        {
            await child.Adapter.BroadcastAsync(new SocketIOPacket(packet.Type, child.Name, packet.Data, packet.Attachments, packet.Id), options);
        }
    }

    public override async ValueTask AddSocketsAsync(BroadcastOptions options, string[] rooms)
    {
        foreach (var child in parent.Children)
        {
            await child.Adapter.AddSocketsAsync(options, rooms);
        }
    }

    public override async ValueTask RemoveSocketsAsync(BroadcastOptions options, string[] rooms)
    {
        foreach (var child in parent.Children)
        {
            await child.Adapter.RemoveSocketsAsync(options, rooms);
        }
    }

    public override async ValueTask DisconnectSocketsAsync(BroadcastOptions options, bool close)
    {
        foreach (var child in parent.Children)
        {
            await child.Adapter.DisconnectSocketsAsync(options, close);
        }
    }

    public override Task<IReadOnlyList<RemoteSocketInfo>> FetchSocketsAsync(BroadcastOptions options) =>
        throw new NotSupportedException("FetchSocketsAsync is not there for a parent namespace: ask its children.");
}
