namespace StickyAspire.SocketIO.Engine;

/// <summary>
/// Puts off the sending of what is queued on this thread until the end of a synchronous piece of work, so that a client that was sent several packets
/// gets them in one write: the answers to all that came in one read, the broadcasts of one burst.
/// </summary>
internal static class OutboundBatch
{
    /// <summary>For so many clients the thread sends itself, which is soonest. For more it would keep others waiting.</summary>
    private const int FewTransports = 8;

    [ThreadStatic]
    private static List<EngineTransport>? t_waiting;

    [ThreadStatic]
    private static int t_depth;

    /// <summary>Nothing may be awaited before <see cref="End"/>.</summary>
    public static void Begin() => t_depth++;

    /// <summary>Sends what was put off, if this is the outermost batch.</summary>
    public static void End()
    {
        if (--t_depth > 0 || t_waiting is not { Count: > 0 } waiting)
        {
            return;
        }

        // Taken: to flush may end a session, and whatever that leads to.
        t_waiting = null;
        if (waiting.Count > FewTransports)
        {
            BroadcastFlusher.Flush(waiting);
            return;
        }

        foreach (var transport in waiting)
        {
            transport.FlushDeferred();
        }

        waiting.Clear();
        t_waiting = waiting;
    }

    /// <summary>Takes over the flushing of a transport; false where there is no batch.</summary>
    public static bool TryDefer(EngineTransport transport)
    {
        if (t_depth == 0)
        {
            return false;
        }

        if (transport.TryDefer())
        {
            (t_waiting ??= []).Add(transport);
        }

        return true;
    }
}
