using StickyAspire.SocketIO.Protocol;

namespace StickyAspire.SocketIO.Adapters;

/// <summary>One server alone, with connection state recovery in its memory: Node's <c>SessionAwareAdapter</c>.</summary>
internal sealed class RecoveringAdapter : SocketIOAdapter
{
    private readonly Lock _gate = new();
    private readonly ConnectionStateRecoveryOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly MissedEventLog _log;
    private readonly Dictionary<string, StoredSession> _sessions = new(StringComparer.Ordinal);
    private readonly ITimer _cleaning;

    public RecoveringAdapter(ISocketIOAdapterHost host, ConnectionStateRecoveryOptions options, TimeProvider timeProvider)
        : base(host)
    {
        _options = options;
        _timeProvider = timeProvider;
        _log = new MissedEventLog(options.MaxStoredEvents);
        _cleaning = timeProvider.CreateTimer(static adapter => ((RecoveringAdapter)adapter!).Clean(), this, options.MaxDisconnectionDuration, options.MaxDisconnectionDuration);
    }

    public override bool SupportsRecovery => true;

    public override ValueTask CloseAsync() => _cleaning.DisposeAsync();

    public override ValueTask BroadcastAsync(SocketIOPacket packet, BroadcastOptions options)
    {
        if (packet.Type != SocketIOPacketType.Event || packet.Id is not null || options.IsVolatile)
        {
            return base.BroadcastAsync(packet, options);
        }

        // One order for all: a client tells the last event that it has seen, and must have seen everything before.
        lock (_gate)
        {
            var withOffset = packet.WithOffset(_log.NextOffset());
            _log.Add(withOffset, options, _timeProvider.GetTimestamp());
            return base.BroadcastAsync(withOffset, options);
        }
    }

    public override ValueTask PersistSessionAsync(RecoverableSession session)
    {
        lock (_gate)
        {
            _sessions[session.Pid] = new StoredSession(session, _timeProvider.GetTimestamp());
        }

        return ValueTask.CompletedTask;
    }

    public override ValueTask<RecoverableSession?> RestoreSessionAsync(string pid, string offset)
    {
        lock (_gate)
        {
            // Taken, not looked at: a session comes back once.
            var isKnown = _sessions.Remove(pid, out var stored) && _timeProvider.GetElapsedTime(stored.StoredAt) <= _options.MaxDisconnectionDuration && _log.Contains(offset);
            return ValueTask.FromResult(isKnown ? stored.Session : null);
        }
    }

    public override ValueTask<MissedEvents?> ReadMissedAsync(RecoverableSession session, string offset)
    {
        lock (_gate)
        {
            var missed = _log.Read(offset, session.Rooms);
            return ValueTask.FromResult(missed is null ? null : new MissedEvents(missed, missed.Count > 0 ? missed[^1].Offset! : offset));
        }
    }

    public override bool IsAfter(string offset, string other) => _log.IsAfter(offset, other);

    private void Clean()
    {
        lock (_gate)
        {
            foreach (var (pid, stored) in _sessions)
            {
                if (_timeProvider.GetElapsedTime(stored.StoredAt) > _options.MaxDisconnectionDuration)
                {
                    _sessions.Remove(pid);
                }
            }

            _log.Trim(at => _timeProvider.GetElapsedTime(at) > _options.MaxDisconnectionDuration);
        }
    }

    private readonly record struct StoredSession(RecoverableSession Session, long StoredAt);
}
