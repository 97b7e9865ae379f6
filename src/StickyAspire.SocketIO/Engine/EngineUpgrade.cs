namespace StickyAspire.SocketIO.Engine;

/// <summary>
/// A polling session's move to WebSocket: <c>2probe</c>, <c>3probe</c>, and <c>5</c> once the client has finished its polls.
/// Until then a poll that waits gets a noop, soon after the probe's answer and then every 100 ms, since the client ends its polling only with an answer in hand.
/// </summary>
internal sealed class EngineUpgrade
{
    /// <summary>
    /// Node lets the first noop wait for a whole interval, and every client whose poll has nothing to bring with it. This is only so late that the probe's answer, on another connection, is there before: who hears of it after
    /// the noop polls once more.
    /// </summary>
    private static readonly TimeSpan FirstNoop = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan NoopInterval = TimeSpan.FromMilliseconds(100);

    private readonly EngineSession _session;
    private readonly ITimer _timeout;
    private ITimer? _noops;

    public EngineUpgrade(EngineSession session, WebSocketTransport transport)
    {
        _session = session;
        Transport = transport;
        _timeout = session.Server.TimeProvider.CreateTimer(
            static upgrade => ((EngineUpgrade)upgrade!).OnTimeout(), this, session.Server.Options.UpgradeTimeout, Timeout.InfiniteTimeSpan);
    }

    public WebSocketTransport Transport { get; }

    /// <summary>The probe is about to be answered.</summary>
    public void OnProbe() =>
        _noops ??= _session.Server.TimeProvider.CreateTimer(
            static upgrade => ((EngineUpgrade)upgrade!).SendNoop(), this, FirstNoop, NoopInterval);

    /// <summary>The upgrade is over, one way or the other.</summary>
    public void Stop()
    {
        _timeout.Dispose();
        _noops?.Dispose();
    }

    private void OnTimeout() => _session.FailUpgrade(this);

    private void SendNoop() => (_session.Transport as PollingTransport)?.AnswerWithNoop();
}
