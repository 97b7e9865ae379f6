namespace StickyAspire.SocketIO;

/// <summary>Counts the events of one connection that are in the hands of handlers, and holds reading back while there are too many.</summary>
internal sealed class PendingEvents(int limit, Lock gate)
{
    private TaskCompletionSource? _room;
    private long _count;
    private bool _isStopped;

    /// <summary>Counts an event until its task ends.</summary>
    /// <param name="task">The handling of the event.</param>
    /// <param name="holdsBack">Whether nothing more may be read until it ends, however few events there are.</param>
    /// <returns>A task that is complete as soon as the next packet may be read.</returns>
    public ValueTask Track(Task task, bool holdsBack = false)
    {
        if (task.IsCompleted || _isStopped)
        {
            return ValueTask.CompletedTask;
        }

        Task? wait = null;
        var weight = holdsBack ? limit : 1;
        lock (gate)
        {
            _count += weight;
            if (_count >= limit)
            {
                wait = (_room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }
        }

        _ = ReleaseAsync(task, weight);
        return wait is null ? ValueTask.CompletedTask : new ValueTask(wait);
    }

    /// <summary>Lets whoever waits go on: the connection has ended.</summary>
    public void Stop()
    {
        lock (gate)
        {
            _isStopped = true;
            _room?.TrySetResult();
        }
    }

    private async Task ReleaseAsync(Task task, int weight)
    {
        await task;
        lock (gate)
        {
            _count -= weight;
            if (_count < limit)
            {
                _room?.TrySetResult();
                _room = null;
            }
        }
    }
}
