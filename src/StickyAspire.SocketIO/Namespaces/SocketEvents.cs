using StickyAspire.SocketIO.Diagnostics;
using StickyAspire.SocketIO.Protocol;
using StickyAspire.SocketIO.Serialization;

namespace StickyAspire.SocketIO;

/// <summary>A socket's event handlers, and the calls to them.</summary>
internal sealed partial class SocketEvents(SocketIOSocket socket)
{
    private readonly Lock _gate = socket.Connection.Session.Gate;
    private readonly EventHandlers _handlers = new();
    private List<Action<Exception>>? _errorListeners;
    private Func<SocketIOEventContext, Task>[] _middlewares = [];
    private CatchAllListeners? _incoming;
    private CatchAllListeners? _outgoing;

    /// <summary>Listeners of all that comes in.</summary>
    public CatchAllListeners Incoming => LazyInitializer.EnsureInitialized(ref _incoming);

    /// <summary>Listeners of all that goes out.</summary>
    public CatchAllListeners Outgoing => LazyInitializer.EnsureInitialized(ref _outgoing);

    public void Use(Func<SocketIOEventContext, Task> middleware)
    {
        ArgumentNullException.ThrowIfNull(middleware);
        lock (_gate)
        {
            _middlewares = [.. _middlewares, middleware];
        }
    }

    public void OnOutgoing(SocketIOPacket packet)
    {
        if (packet.Type == SocketIOPacketType.Event)
        {
            socket.Nsp.Server.Observer?.OnSent(socket, packet);
        }

        if (_outgoing is { IsEmpty: false } && packet.Type == SocketIOPacketType.Event)
        {
            try
            {
                _outgoing.Call(EventName.Read(packet.Data.Span), CreatePayload(packet));
            }
#pragma warning disable CA1031 // A listener only looks on: neither this emit nor a broadcast to others may fail for it.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                SocketIOLog.HandlerFailed(socket.Nsp.Server.Logger, exception, "outgoing event", socket.Nsp.Name);
            }
        }
    }

    public void OnError(Action<Exception> listener)
    {
        ArgumentNullException.ThrowIfNull(listener);
        lock (_gate)
        {
            _errorListeners = [.. _errorListeners ?? [], listener];
        }
    }

    public void TellError(Exception error)
    {
        foreach (var listener in _errorListeners ?? [])
        {
            try
            {
                listener(error);
            }
#pragma warning disable CA1031 // An application's listener: whatever it throws is logged and ends there.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                SocketIOLog.HandlerFailed(socket.Nsp.Server.Logger, exception, "error", socket.Nsp.Name);
            }
        }
    }

    public void Add(string eventName, SocketIOEventHandler handler)
    {
        ReservedEvents.ThrowIfReserved(eventName);
        _handlers.Add(eventName, handler);
    }

    public void Remove(string eventName) => _handlers.Remove(eventName);

    private SocketIOPayload CreatePayload(SocketIOPacket packet) => new(packet.Data, packet.Attachments, socket.Nsp.Server.Serializer, skip: 1);

    private static SocketIOPacket Copy(SocketIOPacket packet) =>
        new(packet.Type, packet.Namespace, packet.Data.ToArray(), packet.Attachments, packet.Id);
}
