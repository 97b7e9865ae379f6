namespace StickyAspire.SocketIO.Engine;

/// <summary>
/// A polling session's move to WebSocket: <c>2probe</c>, <c>3probe</c>, and <c>5</c> once the client has finished its polls.
/// Until then a poll that waits gets a noop every 100 ms, since the client ends its polling only with an answer in hand.
/// </summary>
internal sealed class EngineUpgrade
{
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

    /// <summary>The probe has been answered.</summary>
    public void OnProbe() =>
        _noops ??= _session.Server.TimeProvider.CreateTimer(
            static upgrade => ((EngineUpgrade)upgrade!).SendNoop(), this, NoopInterval, NoopInterval);

    /// <summary>The upgrade is over, one way or the other.</summary>
    public void Stop()
    {
        _timeout.Dispose();
        _noops?.Dispose();
    }

    private void OnTimeout() => _session.FailUpgrade(this);

    private void SendNoop() => (_session.Transport as PollingTransport)?.AnswerWithNoop();
}
