using StickyAspire.SocketIO.Adapters;
using StickyAspire.SocketIO.Protocol;

namespace StickyAspire.SocketIO;

/// <content>What is sent to the client, by the adapter or past it.</content>
internal sealed partial class SocketIOSocket
{
    private Task? _onItsWay;

    public ISocketEmitter Volatile => new SocketEmitter(this, isVolatile: true, compress: true, timeout: null);

    public IBroadcastOperator Broadcast => new BroadcastOperator(Nsp, new BroadcastOptions { Except = [Id] });

    public ISocketEmitter Compress(bool compress) => new SocketEmitter(this, isVolatile: false, compress, timeout: null);

    public ISocketEmitter Timeout(TimeSpan timeout) => new SocketEmitter(this, isVolatile: false, compress: true, timeout);

    public IBroadcastOperator To(params ReadOnlySpan<string> rooms) => Broadcast.To(rooms);

    public IBroadcastOperator Except(params ReadOnlySpan<string> rooms) => Broadcast.Except(rooms);

    public ValueTask EmitAsync(string eventName, params object?[] arguments) => EmitAsync(eventName, arguments, isVolatile: false, compress: true);

    internal ValueTask EmitAsync(string eventName, object?[] arguments, bool isVolatile, bool compress)
    {
        ReservedEvents.ThrowIfReserved(eventName);
        var packet = Nsp.Server.Serializer.CreatePacket(SocketIOPacketType.Event, Nsp.Name, null, eventName, arguments);
        if (Pid is not null && !isVolatile && _isConnected)
        {
            // By the adapter, which gives it a place in the order and keeps it for the case that the client is gone.
            var task = Nsp.Adapter.BroadcastAsync(packet, new BroadcastOptions { Rooms = [Id], Compress = compress });
            return task.IsCompletedSuccessfully ? task : new ValueTask(_onItsWay = task.AsTask());
        }

        Deliver(packet, isVolatile, compress);
        return ValueTask.CompletedTask;
    }

    /// <summary>Sends a packet that does not go by the adapter, behind the events that do and are still on their way.</summary>
    internal void DeliverInOrder(SocketIOPacket packet, bool compress)
    {
        if (_onItsWay is { IsCompleted: false } before)
        {
            _onItsWay = AfterAsync(before, () => Deliver(packet, isVolatile: false, compress));
        }
        else
        {
            Deliver(packet, isVolatile: false, compress);
        }
    }

    /// <summary>Sends a packet of this namespace, unless the client is gone.</summary>
    internal void Deliver(SocketIOPacket packet, bool isVolatile, bool compress)
    {
        if (!_isConnected)
        {
            if (!isVolatile)
            {
                DeliverLater(packet);
            }

            return;
        }

        if (_resumedThrough is { } through && packet.Offset is { } offset)
        {
            if (!Nsp.Adapter.IsAfter(offset, through))
            {
                // The client had it before it came here, or among what it had missed: this server is only now getting there.
                return;
            }

            _resumedThrough = null;
        }

        if (!(isVolatile && !Connection.Session.IsWritable))
        {
            _events.OnOutgoing(packet);
            Connection.Send(packet, compress);
        }
    }

    private static async Task AfterAsync(Task before, Action action)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        action();
    }
}
