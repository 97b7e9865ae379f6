using StickyAspire.SocketIO.Adapters;
using StickyAspire.SocketIO.Diagnostics;
using StickyAspire.SocketIO.Engine;
using StickyAspire.SocketIO.Protocol;

namespace StickyAspire.SocketIO;

/// <content>A session that outlives its connection: what is kept of it, and how it goes on.</content>
internal sealed partial class SocketIOSocket
{
    private readonly LiveSession? _live;
    private readonly TaskCompletionSource? _gone;
    private List<SocketIOPacket>? _resuming;
    private string? _resumedThrough;

    /// <summary>The secret by which the client gets this socket back; null where sessions are not recovered.</summary>
    public string? Pid { get; }

    public bool IsRecovered { get; }

    /// <summary>Complete when the socket has gone and its session, if it has one to keep, can be restored.</summary>
    internal Task Gone => _gone?.Task ?? Task.CompletedTask;

    /// <summary>From here on what is sent to the socket waits for <see cref="CompleteResume"/>.</summary>
    internal void BeginResume() => _resuming = [];

    /// <summary>
    /// Sends what the client has missed, then the news that it is connected (Node's order, by which a client gets missed events before its <c>connect</c> event),
    /// then what was sent to the socket meanwhile and was not among the missed.
    /// </summary>
    /// <param name="missed">What the client has missed.</param>
    /// <param name="sendConnect">Sends the news.</param>
    /// <returns>False if the client has gone again meanwhile.</returns>
    internal bool CompleteResume(MissedEvents missed, Action sendConnect)
    {
        var through = missed.Through;
        _resumedThrough = through;
        foreach (var packet in missed.Packets)
        {
            Connection.Send(packet, compress: true);
        }

        sendConnect();
        while (TakeWaiting(out var waiting))
        {
            // Not under the lock: sending may find that the connection has ended, and close this socket.
            foreach (var packet in waiting)
            {
                if (packet.Offset is null || Nsp.Adapter.IsAfter(packet.Offset, through))
                {
                    Connection.Send(packet, compress: true);
                }
            }
        }

        return _isConnected;
    }

    /// <summary>What there is to keep of the socket now.</summary>
    internal RecoverableSession CreateSession() => new(Id, Pid!, Rooms, _data?.Snapshot() ?? []);

    /// <summary>Its rooms or data have changed.</summary>
    internal void OnChanged()
    {
        if (_live is not null && _isConnected)
        {
            _ = _live.Changed();
        }
    }

    /// <summary>For a socket that is not connected: it may come back just now, and have been connected since that was looked at. One that has gone gets nothing.</summary>
    private void DeliverLater(SocketIOPacket packet)
    {
        lock (_gate)
        {
            if (_resuming is { } waiting)
            {
                waiting.Add(packet);
                return;
            }

            if (!_isConnected)
            {
                return;
            }
        }

        Deliver(packet, isVolatile: false, compress: true);
    }

    /// <summary>What has been sent to the socket since the last call. False, and the socket is connected unless it has gone, when there is nothing more.</summary>
    private bool TakeWaiting(out List<SocketIOPacket> waiting)
    {
        lock (_gate)
        {
            waiting = _resuming ?? [];
            if (waiting.Count > 0)
            {
                _resuming = [];
                return true;
            }

            _resuming = null;
            _isConnected = !_isDisconnected;
            return false;
        }
    }

    private ValueTask WhenKept() => _live is not null && _isConnected ? new ValueTask(_live.Changed()) : ValueTask.CompletedTask;

    /// <summary>Node's list: a client that left on purpose, or was sent away, does not come back.</summary>
    private static bool IsRecoverable(string reason) => reason
        is EngineCloseReason.TransportError or EngineCloseReason.TransportClose or EngineCloseReason.ForcedClose or EngineCloseReason.PingTimeout
        or EngineCloseReason.ServerShuttingDown or DisconnectReason.ForcedServerClose;

    private void Keep(RecoverableSession? session)
    {
        if (Pid is not null)
        {
            _ = KeepAsync(session);
        }
    }

    private async Task KeepAsync(RecoverableSession? session)
    {
        if (_live is not null)
        {
            await _live.StopAsync();
        }

        if (session is not null || _live is not null)
        {
            await PersistAsync(session);
        }

        // Only now: until here a client that comes back must find this socket, and wait for it.
        Nsp.ForgetPid(this);
        _gone!.TrySetResult();
    }

    private async Task PersistAsync(RecoverableSession? session)
    {
        try
        {
            await (session is null ? Nsp.Adapter.ForgetSessionAsync(Pid!) : Nsp.Adapter.PersistSessionAsync(session));
        }
#pragma warning disable CA1031 // The client gets a new session instead.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            SocketIOLog.PersistFailed(Nsp.Server.Logger, exception, Nsp.Name);
        }
    }
}
