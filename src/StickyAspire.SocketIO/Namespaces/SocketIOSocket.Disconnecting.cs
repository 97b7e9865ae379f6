using System.Diagnostics.CodeAnalysis;
using StickyAspire.SocketIO.Adapters;
using StickyAspire.SocketIO.Protocol;

namespace StickyAspire.SocketIO;

/// <content>How the socket leaves its namespace.</content>
[SuppressMessage("Design", "CA1001", Justification = "A CancellationTokenSource without a timer or a link holds nothing to dispose of.")]
internal sealed partial class SocketIOSocket
{
    private CancellationTokenSource? _disconnected;
    private List<Func<string, Task>>? _onDisconnect;
    private List<Func<string, Task>>? _onDisconnecting;

    public CancellationToken Disconnected
    {
        get
        {
            lock (_gate)
            {
                if (_disconnected is null)
                {
                    _disconnected = new CancellationTokenSource();
                    if (_isDisconnected)
                    {
                        _disconnected.Cancel();
                    }
                }

                return _disconnected.Token;
            }
        }
    }

    public void OnDisconnect(Func<string, Task> handler)
    {
        lock (_gate)
        {
            (_onDisconnect ??= []).Add(handler);
        }
    }

    public void OnDisconnecting(Func<string, Task> handler)
    {
        lock (_gate)
        {
            (_onDisconnecting ??= []).Add(handler);
        }
    }

    public ValueTask DisconnectAsync(bool close = false)
    {
        Disconnect(close);
        return ValueTask.CompletedTask;
    }

    internal void Disconnect(bool close)
    {
        if (_onItsWay is { IsCompleted: false } before)
        {
            // What was emitted before must not be lost for it.
            _onItsWay = AfterAsync(before, () => Disconnect(close));
            return;
        }

        if (close)
        {
            Connection.DisconnectAll();
            return;
        }

        if (_isConnected)
        {
            Connection.Send(new SocketIOPacket(SocketIOPacketType.Disconnect, Nsp.Name), compress: true);
            OnClosed(DisconnectReason.ServerNamespaceDisconnect);
        }
    }

    /// <summary>The socket leaves its namespace without ever having been connected.</summary>
    /// <param name="session">What is to be kept of it, if it came to resume.</param>
    internal void Abandon(RecoverableSession? session)
    {
        lock (_gate)
        {
            _isDisconnected = true;
            _resuming = null;
        }

        Leave(session);
    }

    /// <summary>The socket leaves its namespace. Once.</summary>
    internal void OnClosed(string reason)
    {
        List<Func<string, Task>>? disconnecting;
        List<Func<string, Task>>? disconnect;
        Dictionary<long, PendingAck>? acks;
        bool wasResuming;
        lock (_gate)
        {
            if (_isDisconnected)
            {
                return;
            }

            _isDisconnected = true;
            wasResuming = _resuming is not null;
            _resuming = null;
            disconnecting = _onDisconnecting;
            disconnect = _onDisconnect;
            acks = _pendingAcks;
            _pendingAcks = null;
        }

        var wasConnected = _isConnected;
        if (wasConnected)
        {
            _events.Run(disconnecting, reason);
        }

        _isConnected = false;
        _events.Stop();
        Leave((wasConnected || wasResuming) && Pid is not null && IsRecoverable(reason) ? CreateSession() : null);
        Connection.Remove(this);
        _disconnected?.Cancel();
        if (acks is not null)
        {
            foreach (var ack in acks.Values)
            {
                ack.Fail(CreateDisconnectedException());
            }
        }

        if (wasConnected)
        {
            Nsp.Server.Observer?.OnDisconnected(this, reason);
            _events.Run(disconnect, reason);
        }
    }

    private void Leave(RecoverableSession? session)
    {
        Nsp.Remove(this);
        if (Pid is not null)
        {
            _ = LeaveAsync(session);
        }
    }
}
