using System.Diagnostics;
using System.Text.Json;
using StickyAspire.SocketIO.Diagnostics;
using StickyAspire.SocketIO.Protocol;
using StickyAspire.SocketIO.Serialization;

namespace StickyAspire.SocketIO;

/// <content>The calls to the handlers of one event, its middleware before them.</content>
internal sealed partial class SocketEvents
{
    private ValueTask InvokeAsync(SocketIOPacket packet)
    {
        socket.Nsp.Server.Observer?.OnReceived(socket, packet);
        if (_middlewares.Length > 0 || _incoming is { IsEmpty: false })
        {
            // They may keep the event beyond this call, so it gets bytes of its own.
            var copy = Copy(packet);
            return socket.Connection.Pending.Track(InvokeAllAsync(copy, CreateAck(packet)));
        }

        var handlers = _handlers.Find(packet.Data.Span);
        return handlers.Length == 0 ? ValueTask.CompletedTask : InvokeAsync(packet, handlers, CreateAck(packet));
    }

    private async Task InvokeAllAsync(SocketIOPacket packet, SocketIOAck ack)
    {
        try
        {
            var context = new SocketIOEventContext(socket, EventName.Read(packet.Data.Span), CreatePayload(packet), ack);

            // Node's order: who looks on sees what a middleware refuses, too.
            Incoming.Call(context.EventName, context.Payload);
            foreach (var middleware in _middlewares)
            {
                await middleware(context);
            }
        }
#pragma warning disable CA1031
        catch (Exception exception)
#pragma warning restore CA1031
        {
            OnFailed(exception, ack);
            return;
        }

        if (!socket.IsConnected)
        {
            // The client has gone while a middleware was at work.
            return;
        }

        await InvokeAsync(packet, _handlers.Find(packet.Data.Span), ack);
    }

    private ValueTask InvokeAsync(SocketIOPacket packet, SocketIOEventHandler[] handlers, SocketIOAck ack)
    {
        ValueTask result = default;
        foreach (var handler in handlers)
        {
            var outer = Activity.Current;
            var activity = SocketIOActivity.IsListenedTo ? SocketIOActivity.StartProcess(packet.Namespace, EventName.Read(packet.Data.Span), socket.Id, socket.Connection.Session.RequestId) : null;
            ValueTask task;
            try
            {
                var reader = new SocketIOEventReader(socket, packet.Data, packet.Attachments, socket.Nsp.Server.Serializer, ack, hasName: true);
                task = handler(ref reader);
            }
#pragma warning disable CA1031
            catch (Exception exception)
#pragma warning restore CA1031
            {
                task = ValueTask.FromException(exception);
            }

            if (task.IsCompletedSuccessfully)
            {
                activity?.Dispose();
                continue;
            }

            // Not awaited: a handler that waits, perhaps for this very client's answer, must not keep the client's next packets from being read.
            Activity.Current = outer;
            var pending = socket.Connection.Pending.Track(ObserveAsync(task, ack, activity));
            result = pending.IsCompleted ? result : pending;
        }

        return result;
    }

    private async Task ObserveAsync(ValueTask task, SocketIOAck ack, Activity? activity)
    {
        try
        {
            await task;
        }
#pragma warning disable CA1031
        catch (Exception exception)
#pragma warning restore CA1031
        {
            SocketIOActivity.SetFailed(activity, exception);
            OnFailed(exception, ack);
        }

        activity?.Dispose();
    }

    private void OnFailed(Exception exception, SocketIOAck ack)
    {
        var server = socket.Nsp.Server;
        var message = exception switch
        {
            SocketIOException expected => expected.Message,
            JsonException => "The event's arguments are not of the expected types.",
            _ when server.Options.EnableDetailedErrors => exception.Message,
            _ => "The event could not be handled.",
        };

        if (exception is SocketIOException or JsonException)
        {
            SocketIOLog.EventRefused(server.Logger, message, socket.Nsp.Name);
        }
        else
        {
            SocketIOLog.HandlerFailed(server.Logger, exception, "event", socket.Nsp.Name);
        }

        ack.Send(new Dictionary<string, string> { ["error"] = message });
        TellError(exception);
    }

    private SocketIOAck CreateAck(SocketIOPacket packet) =>
        packet.Id is { } id ? new SocketIOAck(arguments => Answer(id, arguments)) : SocketIOAck.None;

    private void Answer(long id, object?[] arguments) =>
        socket.DeliverInOrder(socket.Nsp.Server.Serializer.CreatePacket(SocketIOPacketType.Ack, socket.Nsp.Name, id, null, arguments), compress: true);
}
