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
        Refuse();
        Keep(session);
    }

    /// <summary>A middleware does not let the socket in. It may have joined rooms by then, and wait for the client's answer.</summary>
    internal void Refuse()
    {
        Dictionary<long, PendingAck>? acks;
        lock (_gate)
        {
            _isDisconnected = true;
            _resuming = null;
            acks = _pendingAcks;
            _pendingAcks = null;
        }

        Nsp.Remove(this);
        TellThatWait(acks);
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
        var session = (wasConnected || wasResuming) && Pid is not null && IsRecoverable(reason) ? CreateSession() : null;
        Nsp.Remove(this);
        Keep(session);
        Connection.Remove(this);
        TellThatWait(acks);
        if (wasConnected)
        {
            Nsp.Server.Observer?.OnDisconnected(this, reason);
            _events.Run(disconnect, reason);
        }
    }

    /// <summary>Work of the socket's own ends, and who waits for the client's answer waits no longer.</summary>
    private void TellThatWait(Dictionary<long, PendingAck>? acks)
    {
        _disconnected?.Cancel();
        foreach (var ack in acks?.Values ?? Enumerable.Empty<PendingAck>())
        {
            ack.Fail(CreateDisconnectedException());
        }
    }
}
