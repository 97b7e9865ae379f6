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

    /// <summary>Whether this thread is at work for a transport already. What that leads to may be the next request of another client, and so on: one such step is enough for a stack.</summary>
    [ThreadStatic]
    private static bool t_isInline;

    /// <summary>Nothing may be awaited before <see cref="End"/>.</summary>
    public static void Begin() => t_depth++;

    /// <summary>Sends what was put off, if this is the outermost batch.</summary>
    public static void End() => Send(inline: false);

    /// <summary><see cref="End"/> at the end of what a client has sent, where the server's own code is all that is on the stack.</summary>
    public static void EndDispatch() => Send(inline: !t_isInline);

    private static void Send(bool inline)
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

        t_isInline |= inline;
        foreach (var transport in waiting)
        {
            transport.FlushDeferred(inline);
        }

        t_isInline &= !inline;

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
