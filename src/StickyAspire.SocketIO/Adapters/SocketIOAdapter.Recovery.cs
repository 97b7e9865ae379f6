using StickyAspire.SocketIO.Engine;

namespace StickyAspire.SocketIO.Adapters;

/// <content>Sessions that outlive their connections. Here, where nothing is kept, none does.</content>
public partial class SocketIOAdapter
{
    /// <summary>Whether this adapter can bring sessions back: whether it gives events offsets, and implements the methods below.</summary>
    public virtual bool SupportsRecovery => false;

    /// <summary>Whether this adapter wants to know of sessions while they live, and not only when their client has gone: so that they outlive their server's end without notice.</summary>
    public virtual bool KeepsLiveSessions => false;

    /// <summary>Keeps a session that lives: it has begun, or its rooms or data have changed. Called where <see cref="KeepsLiveSessions"/>, one call after another for each session.</summary>
    public virtual ValueTask KeepSessionAsync(RecoverableSession session) => ValueTask.CompletedTask;

    /// <summary>Keeps a session whose client has gone, perhaps to come back.</summary>
    public virtual ValueTask PersistSessionAsync(RecoverableSession session) => ValueTask.CompletedTask;

    /// <summary>Forgets a session that is over for good. Called where <see cref="KeepsLiveSessions"/>.</summary>
    /// <param name="pid">The session's secret.</param>
    public virtual ValueTask ForgetSessionAsync(string pid) => ValueTask.CompletedTask;

    /// <summary>Whether one event's offset is behind another's in the order that <see cref="ReadMissedAsync"/> reads.</summary>
    public virtual bool IsAfter(string offset, string other) => false;

    /// <summary>Takes back a session that is kept; null if there is none, or the event with that offset is not known any more.</summary>
    /// <param name="pid">The session's secret, as the client gives it.</param>
    /// <param name="offset">The offset of the last event that the client has seen.</param>
    public virtual ValueTask<RecoverableSession?> RestoreSessionAsync(string pid, string offset) => ValueTask.FromResult<RecoverableSession?>(null);

    /// <summary>
    /// The events that a session should have had after an offset, in their order. Called when the socket is in its rooms again, so that nothing falls between
    /// what this reads and what is delivered meanwhile; what is in both is sent once.
    /// </summary>
    /// <returns>Null if the event with that offset is not known any more.</returns>
    public virtual ValueTask<MissedEvents?> ReadMissedAsync(RecoverableSession session, string offset) => ValueTask.FromResult<MissedEvents?>(null);

    /// <summary>Has <see cref="KeepSessionAsync"/> called again for a socket of this server, whose kept session was lost or could not be written.</summary>
    protected void KeepSessionAgain(string socketId)
    {
        if (_namespace.ConnectedSockets.TryGetValue(socketId, out var socket))
        {
            socket.OnChanged();
        }
    }

    /// <summary>Ends the connection of one of this server's sockets as if it had broken: its session goes on elsewhere.</summary>
    protected void BreakConnection(string socketId)
    {
        if (_namespace.ConnectedSockets.TryGetValue(socketId, out var socket))
        {
            socket.Connection.Session.OnClosed(EngineCloseReason.TransportClose, EnginePacket.Close);
        }
    }

    /// <summary>
    /// Ends the connections of this server's recoverable clients as if they had broken: they come back, and learn whether they can be recovered. For an adapter that finds that
    /// it has missed events, so that nobody goes on with a gap that they do not know of.
    /// </summary>
    protected void BreakRecoverableConnections()
    {
        foreach (var socket in _namespace.ConnectedSockets.Values)
        {
            if (socket.Pid is not null)
            {
                socket.Connection.Session.OnClosed(EngineCloseReason.TransportClose, EnginePacket.Close);
            }
        }
    }
}
