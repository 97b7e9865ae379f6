using System.Diagnostics;
using System.Text.Json;
using StickyAspire.SocketIO.Diagnostics;
using StickyAspire.SocketIO.Protocol;
using StickyAspire.SocketIO.Serialization;

namespace StickyAspire.SocketIO;

/// <summary>A socket's event handlers, and the calls to them.</summary>
internal sealed class SocketEvents(SocketIOSocket socket)
{
    private readonly Lock _gate = socket.Connection.Session.Gate;
    private readonly EventHandlers _handlers = new();
    private TaskCompletionSource? _started;

    /// <summary>There from the start: the client may send as soon as it knows that it is in, which is before the connection handlers run.</summary>
    private Queue<SocketIOPacket>? _waiting = new();
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

    /// <summary>The socket has gone: what waits for its connection handlers holds nobody back any more.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _started?.TrySetResult();
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

    /// <summary>Runs the namespace's connection handlers. Events that come in the meantime wait, in their order.</summary>
    public Task StartAsync(IReadOnlyList<Func<ISocketIOSocket, Task>> handlers)
    {
        foreach (var handler in handlers)
        {
            Task task;
            try
            {
                task = handler(socket);
            }
#pragma warning disable CA1031 // An application's handler: whatever it throws is logged and ends there.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                task = Task.FromException(exception);
            }

            if (!task.IsCompletedSuccessfully)
            {
                return StartSlowlyAsync(task, handlers.SkipWhile(each => each != handler).Skip(1).ToArray());
            }
        }

        return ReleaseAsync();
    }

    public ValueTask DispatchAsync(SocketIOPacket packet)
    {
        if (_waiting is not null)
        {
            lock (_gate)
            {
                if (_waiting is { } waiting)
                {
                    // The packet's data lies in the transport's buffer, which is about to be used again.
                    waiting.Enqueue(Copy(packet));
                    return waiting.Count < socket.Nsp.Server.Options.MaxPendingEvents
                        ? ValueTask.CompletedTask
                        : socket.Connection.Pending.Track((_started ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task, holdsBack: true);
                }
            }
        }

        return InvokeAsync(packet);
    }

    /// <summary>Calls handlers of a disconnect, one after another.</summary>
    public void Run(List<Func<string, Task>>? handlers, string reason)
    {
        if (handlers is null)
        {
            return;
        }

        foreach (var handler in handlers)
        {
            _ = GuardAsync(handler, reason);
        }
    }

    private async Task GuardAsync(Func<string, Task> handler, string reason)
    {
        try
        {
            await handler(reason);
        }
#pragma warning disable CA1031
        catch (Exception exception)
#pragma warning restore CA1031
        {
            SocketIOLog.HandlerFailed(socket.Nsp.Server.Logger, exception, "disconnect", socket.Nsp.Name);
        }
    }

    private async Task StartSlowlyAsync(Task current, Func<ISocketIOSocket, Task>[] rest)
    {
        var next = 0;
        while (true)
        {
            try
            {
                await current;
                if (next == rest.Length)
                {
                    break;
                }

                current = rest[next++](socket);
            }
#pragma warning disable CA1031
            catch (Exception exception)
#pragma warning restore CA1031
            {
                SocketIOLog.HandlerFailed(socket.Nsp.Server.Logger, exception, "connection", socket.Nsp.Name);
                current = Task.CompletedTask;
            }
        }

        await ReleaseAsync();
    }

    private async Task ReleaseAsync()
    {
        while (true)
        {
            SocketIOPacket packet;
            lock (_gate)
            {
                if (!_waiting!.TryDequeue(out packet!))
                {
                    _waiting = null;
                    _started?.TrySetResult();
                    return;
                }
            }

            await InvokeAsync(packet);
        }
    }

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

    private SocketIOAck CreateAck(SocketIOPacket packet) =>
        packet.Id is { } id ? new SocketIOAck(arguments => Answer(id, arguments)) : SocketIOAck.None;

    private SocketIOPayload CreatePayload(SocketIOPacket packet) => new(packet.Data, packet.Attachments, socket.Nsp.Server.Serializer, skip: 1);

    private static SocketIOPacket Copy(SocketIOPacket packet) =>
        new(packet.Type, packet.Namespace, packet.Data.ToArray(), packet.Attachments, packet.Id);

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

    private void Answer(long id, object?[] arguments) =>
        socket.DeliverInOrder(socket.Nsp.Server.Serializer.CreatePacket(SocketIOPacketType.Ack, socket.Nsp.Name, id, null, arguments), compress: true);
}
