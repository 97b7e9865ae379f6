using System.Text.Json;
using StickyAspire.SocketIO.Diagnostics;
using StickyAspire.SocketIO.Protocol;
using StickyAspire.SocketIO.Serialization;

namespace StickyAspire.SocketIO;

/// <summary>The events that other servers emit to this one, and the calls to their handlers.</summary>
internal sealed class ServerEvents(SocketIONamespace nsp)
{
    private readonly EventHandlers _handlers = new();

    public void Add(string eventName, SocketIOEventHandler handler)
    {
        ThrowIfReserved(eventName);
        _handlers.Add(eventName, handler);
    }

    public void Remove(string eventName) => _handlers.Remove(eventName);

    public static void ThrowIfReserved(string eventName)
    {
        ArgumentNullException.ThrowIfNull(eventName);
        if (eventName is "connect" or "connection" or "new_namespace")
        {
            throw new ArgumentException($"\"{eventName}\" is a reserved event name.", nameof(eventName));
        }
    }

    /// <summary>Calls the handlers of an event, one after another.</summary>
    public async ValueTask InvokeAsync(SocketIOPacket packet, SocketIOAck ack)
    {
        foreach (var handler in _handlers.Find(packet.Data.Span))
        {
            try
            {
                await Start(handler, packet, ack);
            }
#pragma warning disable CA1031 // An application's handler: whatever it throws is logged and ends there.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                SocketIOLog.HandlerFailed(nsp.Server.Logger, exception, "server-side event", nsp.Name);
            }
        }
    }

    private ValueTask Start(SocketIOEventHandler handler, SocketIOPacket packet, SocketIOAck ack)
    {
        var reader = new SocketIOEventReader(null, packet.Data, packet.Attachments, nsp.Server.Serializer, ack, hasName: true);
        return handler(ref reader);
    }
}
