using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace StickyAspire.Connections;

/// <summary>A connection that HTTP has no part in any more. One reads, one writes; the owner disposes of it.</summary>
internal sealed class DetachedConnection(ConnectionContext inner, DetachingListener listener, bool hasFile) : IDuplexPipe, IConnectionCompleteFeature, IAsyncDisposable
{
    /// <summary>How long a client may take to read what was sent last. HTTP has a clock for that, which this connection has no more.</summary>
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(30);

    private static readonly Completion Over = new(static _ => Task.CompletedTask, new(), null);

    private Completion? _completions;

    public PipeReader Input => inner.Transport.Input;

    public PipeWriter Output => inner.Transport.Output;

    /// <summary>Whether it has a place in the table of open files.</summary>
    public bool HasFile => hasFile;

    // The listener's list.
    public DetachedConnection? Previous { get; set; }

    public DetachedConnection? Next { get; set; }

    /// <summary>Ends the connection at once: reads and writes fail, and disposing of it waits no longer.</summary>
    public void Abort() => inner.Abort(new ConnectionAbortedException("The connection was aborted by its owner."));

    /// <summary>Has something done when the connection has ended; at once if it has. What fails there is nobody's concern.</summary>
    public void OnCompleted(Func<object, Task> callback, object state)
    {
        while (Volatile.Read(ref _completions) is var others && others != Over)
        {
            if (Interlocked.CompareExchange(ref _completions, new Completion(callback, state, others), others) == others)
            {
                return;
            }
        }

        _ = RunAsync(callback, state);
    }

    /// <summary>Sends what has been written, and closes. A client that does not read is cut off after 30 seconds.</summary>
    public async ValueTask DisposeAsync()
    {
        var completions = Interlocked.Exchange(ref _completions, Over);
        if (completions == Over)
        {
            return;
        }

        try
        {
            await CloseAsync();
        }
        finally
        {
            listener.Remove(this);
            for (; completions is not null; completions = completions.Next)
            {
                _ = RunAsync(completions.Callback, completions.State);
            }
        }
    }

    private async Task CloseAsync()
    {
        var closed = inner.DisposeAsync().AsTask();
        try
        {
            await closed.WaitAsync(DrainTime, listener.TimeProvider);
        }
        catch (TimeoutException) when (!closed.IsCompleted)
        {
            Abort();
            await closed;
        }
    }

    private static async Task RunAsync(Func<object, Task> callback, object state) => await callback(state);

    private sealed record Completion(Func<object, Task> Callback, object State, Completion? Next);
}
