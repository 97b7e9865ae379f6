using StickyAspire.SocketIO.Diagnostics;
using StickyAspire.SocketIO.Protocol;

namespace StickyAspire.SocketIO;

/// <content>The connection's beginning and end: the handlers of both, and the events that wait for the beginning.</content>
internal sealed partial class SocketEvents
{
    private TaskCompletionSource? _started;

    /// <summary>There from the start: the client may send as soon as it knows that it is in, which is before the connection handlers run.</summary>
    private Queue<SocketIOPacket>? _waiting = new();

    /// <summary>Runs the namespace's connection handlers. Events that come in the meantime wait, in their order.</summary>
    public Task StartAsync(IReadOnlyList<Func<ISocketIOSocket, Task>> handlers)
    {
        for (var i = 0; i < handlers.Count; i++)
        {
            Task task;
            try
            {
                task = handlers[i](socket);
            }
#pragma warning disable CA1031 // An application's handler: whatever it throws is logged and ends there.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                task = Task.FromException(exception);
            }

            if (!task.IsCompletedSuccessfully)
            {
                return StartSlowlyAsync(task, [.. handlers.Skip(i + 1)]);
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

    /// <summary>The socket has gone: what waits for its connection handlers holds nobody back any more.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _started?.TrySetResult();
        }
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
}
