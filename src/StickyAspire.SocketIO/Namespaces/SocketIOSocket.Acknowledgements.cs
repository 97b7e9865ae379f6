using StickyAspire.SocketIO.Protocol;
using StickyAspire.SocketIO.Serialization;

namespace StickyAspire.SocketIO;

/// <content>Events that want an answer, and those that still wait for it.</content>
internal sealed partial class SocketIOSocket
{
    private Dictionary<long, PendingAck>? _pendingAcks;

    public Task<T?> EmitWithAckAsync<T>(string eventName, params object?[] arguments) => EmitWithAckAsync<T>(eventName, arguments, compress: true, timeout: null);

    internal async Task<T?> EmitWithAckAsync<T>(string eventName, object?[] arguments, bool compress, TimeSpan? timeout)
    {
        ReservedEvents.ThrowIfReserved(eventName);
        var id = Nsp.NextAckId();
        var packet = Nsp.Server.Serializer.CreatePacket(SocketIOPacketType.Event, Nsp.Name, id, eventName, arguments);
        var ack = new SingleAck<T>();
        AddPendingAck(id, ack);
        DeliverInOrder(packet, compress);
        if (timeout is not { } limit)
        {
            return await ack.Task;
        }

        try
        {
            return await ack.Task.WaitAsync(limit, Nsp.Server.TimeProvider);
        }
        catch (TimeoutException)
        {
            TakePendingAck(id);
            throw new TimeoutException("operation has timed out");
        }
    }

    internal void AddPendingAck(long id, PendingAck ack)
    {
        lock (_gate)
        {
            if (!_isDisconnected)
            {
                (_pendingAcks ??= []).Add(id, ack);
                return;
            }
        }

        ack.Fail(CreateDisconnectedException());
    }

    private void OnAck(SocketIOPacket packet)
    {
        if (packet.Id is { } id && TakePendingAck(id) is { } ack)
        {
            var reader = new SocketIOEventReader(this, packet.Data, packet.Attachments, Nsp.Server.Serializer, SocketIOAck.None, hasName: false);
            ack.Complete(ref reader);
        }
    }

    private PendingAck? TakePendingAck(long id)
    {
        lock (_gate)
        {
            return _pendingAcks is not null && _pendingAcks.Remove(id, out var ack) ? ack : null;
        }
    }

    private static SocketIOException CreateDisconnectedException() => new("socket has been disconnected");
}
