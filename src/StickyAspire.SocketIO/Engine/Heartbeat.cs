namespace StickyAspire.SocketIO.Engine;

/// <summary>
/// When a session's client must next show that it lives: with its answer to a ping of ours or, in protocol 3, with a ping of its own. Guarded by the session, which is given with each
/// call instead of being kept once more.
/// </summary>
internal struct Heartbeat(EngineSession session)
{
    /// <summary>Timers count in the system's ticks, timestamps do not.</summary>
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMilliseconds(20);

    private readonly ITimer _timer = session.Server.TimeProvider.CreateQuietTimer(
        static session => ((EngineSession)session!).OnHeartbeatTimer(), session, Timeout.InfiniteTimeSpan);

    /// <summary>When the timer is due, as a timestamp of the time provider's: what is overdue is over, though the timer is late.</summary>
    private long _due;

    /// <summary>When the last ping was due.</summary>
    private long _pingDue;

    private bool _isPongTimeExtended;

    /// <summary>Whether a ping of ours has not been answered yet.</summary>
    public bool AwaitsPong { get; private set; }

    /// <summary>The client's whole time begins.</summary>
    public void Restart(EngineSession session)
    {
        var options = session.Server.Options;
        AwaitsPong = false;
        SetTimer(session, session.Protocol == 3 ? options.PingInterval + options.PingTimeout : options.PingInterval);
    }

    /// <summary>Whether the timer is not due after all: it was set anew when it had just gone off, or its clock is ahead. Then it goes off again when it is.</summary>
    public readonly bool IsPutOff(EngineSession session)
    {
        var left = session.Server.TimeProvider.GetElapsedTime(session.Server.TimeProvider.GetTimestamp(), _due);
        if (left <= ClockTolerance)
        {
            return false;
        }

        _timer.Change(left, Timeout.InfiniteTimeSpan);
        return true;
    }

    /// <summary>
    /// The timer is due, and with it a ping. A client that is there to get it has its whole time from now on. For another the time runs from when the ping was due, so that a late timer
    /// gives it no more.
    /// </summary>
    /// <returns>False if it is the client that is due.</returns>
    public bool TryBeginPing(EngineSession session)
    {
        if (AwaitsPong || session.Protocol == 3)
        {
            return false;
        }

        AwaitsPong = true;
        _isPongTimeExtended = false;
        _pingDue = _due;
        SetTimerAt(session, (session.Transport.IsWritable ? session.Server.TimeProvider.GetTimestamp() : _due) + GetTicks(session, session.Server.Options.PingTimeout));
        return true;
    }

    /// <summary>Pings keep their beat: what the last one's way there and back took does not put off the next.</summary>
    public void OnPong(EngineSession session)
    {
        var interval = session.Server.Options.PingInterval;
        if (AwaitsPong)
        {
            AwaitsPong = false;
            SetTimerAt(session, Math.Max(_pingDue + GetTicks(session, interval), session.Server.TimeProvider.GetTimestamp()));
        }
        else
        {
            SetTimer(session, interval);
        }
    }

    /// <summary>A client that sends other things is alive: its pong may come later, once. As engine.io 6.6.12 has it.</summary>
    public void ExtendPongTime(EngineSession session)
    {
        if (AwaitsPong && !_isPongTimeExtended)
        {
            _isPongTimeExtended = true;
            SetTimer(session, session.Server.Options.PingTimeout);
        }
    }

    /// <summary>Whether the time for a sign of life is up.</summary>
    public readonly bool IsOverdue(EngineSession session)
    {
        var limit = session.Protocol == 3 || AwaitsPong ? _due : _due + GetTicks(session, session.Server.Options.PingTimeout);
        return _due != 0 && session.Server.TimeProvider.GetTimestamp() >= limit;
    }

    /// <summary>No more pings: the timer is due once, when the session's close has had its time.</summary>
    public readonly void EndIn(TimeSpan closeTimeout) => _timer.Change(closeTimeout, Timeout.InfiniteTimeSpan);

    public readonly void Stop() => _timer.Dispose();

    private void SetTimer(EngineSession session, TimeSpan due)
    {
        _due = session.Server.TimeProvider.GetTimestamp() + GetTicks(session, due);
        _timer.Change(due, Timeout.InfiniteTimeSpan);
    }

    private void SetTimerAt(EngineSession session, long due)
    {
        _due = due;
        var time = session.Server.TimeProvider;
        var left = time.GetElapsedTime(time.GetTimestamp(), due);
        _timer.Change(left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private static long GetTicks(EngineSession session, TimeSpan span) => (long)(span.TotalSeconds * session.Server.TimeProvider.TimestampFrequency);
}
