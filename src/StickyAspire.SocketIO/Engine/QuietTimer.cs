namespace StickyAspire.SocketIO.Engine;

/// <summary>Timers of sessions, which have nothing to do with the request that began the session.</summary>
internal static class QuietTimer
{
    /// <summary>Creates a timer that runs once. It does not keep the current request's trace and logging scopes alive, nor run in them.</summary>
    public static ITimer CreateQuietTimer(this TimeProvider time, TimerCallback callback, object state, TimeSpan due)
    {
        if (ExecutionContext.IsFlowSuppressed())
        {
            return time.CreateTimer(callback, state, due, Timeout.InfiniteTimeSpan);
        }

        using (ExecutionContext.SuppressFlow())
        {
            return time.CreateTimer(callback, state, due, Timeout.InfiniteTimeSpan);
        }
    }
}
