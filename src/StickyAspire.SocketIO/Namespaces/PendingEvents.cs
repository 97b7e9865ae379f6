namespace StickyAspire.SocketIO;

/// <summary>Counts the events of one connection that are in the hands of handlers, and holds reading back while there are too many.</summary>
internal sealed class PendingEvents(int limit, Lock gate)
{
    private TaskCompletionSource? _room;
    private int _count;

    /// <summary>Counts an event until its task ends.</summary>
    /// <param name="task">The handling of the event.</param>
    /// <param name="queued">How many more events wait in a queue.</param>
    /// <returns>A task that is complete as soon as the next packet may be read.</returns>
    public ValueTask Track(Task task, int queued = 0)
    {
        if (task.IsCompleted && queued < limit)
        {
            return ValueTask.CompletedTask;
        }

        Task? wait = null;
        lock (gate)
        {
            _count++;
            if (_count + queued >= limit)
            {
                wait = (_room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }
        }

        _ = ReleaseAsync(task);
        return wait is null ? ValueTask.CompletedTask : new ValueTask(wait);
    }

    /// <summary>Lets whoever waits go on: the connection has ended.</summary>
    public void Stop()
    {
        lock (gate)
        {
            _room?.TrySetResult();
        }
    }

    private async Task ReleaseAsync(Task task)
    {
        await task;
        lock (gate)
        {
            if (--_count < limit)
            {
                _room?.TrySetResult();
                _room = null;
            }
        }
    }
}
