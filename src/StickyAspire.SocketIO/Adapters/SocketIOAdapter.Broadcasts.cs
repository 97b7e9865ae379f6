using StickyAspire.SocketIO.Engine;
using StickyAspire.SocketIO.Protocol;

namespace StickyAspire.SocketIO.Adapters;

/// <content>Packets for many sockets.</content>
public partial class SocketIOAdapter
{
    /// <summary>Sends a packet to all sockets that the options mean.</summary>
    public virtual ValueTask BroadcastAsync(SocketIOPacket packet, BroadcastOptions options)
    {
        ArgumentNullException.ThrowIfNull(packet);
        ArgumentNullException.ThrowIfNull(options);
        using var batch = Select(options);
        OutboundBatch.Begin();
        try
        {
            foreach (var socket in batch.Sockets)
            {
                socket.Deliver(packet, options.IsVolatile, options.Compress);
            }
        }
        finally
        {
            OutboundBatch.End();
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Sends a packet and hands on the answers.</summary>
    /// <param name="packet">The event, without an id: each server gives it one of its own.</param>
    /// <param name="options">Whom it goes to.</param>
    /// <param name="onClientCount">Called once for each server, with the number of its clients that were asked.</param>
    /// <param name="onAck">Called with each client's answer: a packet of type Ack.</param>
    public virtual ValueTask BroadcastWithAckAsync(SocketIOPacket packet, BroadcastOptions options, Action<int> onClientCount, Action<SocketIOPacket> onAck)
    {
        ArgumentNullException.ThrowIfNull(packet);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(onClientCount);
        var id = _namespace.NextAckId();
        var withId = packet.WithId(id);
        using var batch = Select(options);
        onClientCount(batch.Sockets.Length);
        foreach (var socket in batch.Sockets)
        {
            socket.AddPendingAck(id, new RelayedAck(onAck));
            socket.Deliver(withId, options.IsVolatile, options.Compress);
        }

        return ValueTask.CompletedTask;
    }
}
