using System.Collections.Concurrent;
using StickyAspire.Trunks;

namespace StickyAspire.SocketIO.Engine;

/// <summary>
/// Sends what broadcasts have queued, on a thread of the pool. While it is at one broadcast's clients the next broadcasts only queue, and a client that has
/// several packets by its turn gets them in one write: the busier the server, the fewer writes. Clients that came by the same trunk have one write together.
/// </summary>
internal sealed class BroadcastFlusher : IThreadPoolWorkItem
{
    private static readonly BroadcastFlusher Instance = new();
    private static readonly ConcurrentQueue<List<EngineTransport>> Waiting = new();
    private static readonly int MaxRunning = Math.Max(1, Environment.ProcessorCount / 2);
    private static int s_running;

    /// <summary>Flushes the transports, whose flushing has been put off, soon.</summary>
    /// <param name="transports">The caller has no more use for the list.</param>
    public static void Flush(List<EngineTransport> transports)
    {
        Waiting.Enqueue(transports);
        if (TryEnter())
        {
            ThreadPool.UnsafeQueueUserWorkItem(Instance, preferLocal: false);
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        do
        {
            while (Waiting.TryDequeue(out var transports))
            {
                FlushAll(transports);
            }

            Interlocked.Decrement(ref s_running);
        }
        while (!Waiting.IsEmpty && TryEnter());
    }

    private static void FlushAll(List<EngineTransport> transports)
    {
        TrunkWriter.BeginGathering();
        try
        {
            foreach (var transport in transports)
            {
                transport.FlushDeferred(inline: false);
            }
        }
        finally
        {
            TrunkWriter.EndGathering(atOnce: false);
        }
    }

    private static bool TryEnter()
    {
        var running = Volatile.Read(ref s_running);
        while (running < MaxRunning)
        {
            var current = Interlocked.CompareExchange(ref s_running, running + 1, running);
            if (current == running)
            {
                return true;
            }

            running = current;
        }

        // Whoever runs looks at the queue once more after it has counted itself out.
        return false;
    }
}
