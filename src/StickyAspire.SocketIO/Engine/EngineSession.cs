using Microsoft.Extensions.Logging;

namespace StickyAspire.SocketIO.Engine;

/// <summary>One Engine.IO session: a client, over whichever transport it uses at the moment. Safe for use by several threads.</summary>
/// <remarks>Follows the Engine.IO protocol, revision 4 (and 3 where <see cref="EngineOptions.AllowEIO3"/> is set).</remarks>
public sealed class EngineSession
{
    /// <summary>How long a closed polling session waits for the poll that brings the client the news, at the most. Node's constant.</summary>
    private static readonly TimeSpan MaxCloseTimeout = TimeSpan.FromSeconds(30);

    /// <summary>What a waiting packet costs beyond its bytes, so that empty ones count too.</summary>
    private const int PacketCost = 64;

    private readonly Lock _gate = new();
    private readonly EngineServer _server;
    private readonly Queue<EnginePacket> _outbound = new();
    private readonly ITimer _timer;
    private EngineTransport _transport = null!;
    private EngineUpgrade? _upgrade;
    private IEngineSessionHandler? _handler;
    private long _outboundBytes;
    private EngineSessionState _state;
    private bool _awaitsPong;
    private bool _isPongTimeExtended;

    /// <summary>When the timer is due, as a timestamp of the time provider's: what is overdue is over, though the timer is late.</summary>
    private long _due;

    /// <summary>When the last ping was due.</summary>
    private long _pingDue;

    internal EngineSession(EngineServer server, string id, int protocol, EngineHandshake handshake)
    {
        _server = server;
        Id = id;
        Protocol = protocol;
        Handshake = handshake;
        _timer = server.TimeProvider.CreateQuietTimer(static session => ((EngineSession)session!).OnHeartbeatTimer(), this, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The session id: the <c>sid</c> query parameter of the session's requests. A secret between client and server.</summary>
    public string Id { get; }

    /// <summary>The Engine.IO protocol that the client speaks: 4, or 3.</summary>
    public int Protocol { get; }

    /// <summary>What the first request said.</summary>
    public EngineHandshake Handshake { get; }

    /// <summary>The transport in use: <c>polling</c> or <c>websocket</c>.</summary>
    public string TransportName => _transport.Name;

    /// <summary>Whether messages can still be sent.</summary>
    public bool IsOpen => _state == EngineSessionState.Open;

    /// <summary>Whether a packet sent now would leave at once.</summary>
    internal bool IsWritable => _state == EngineSessionState.Open && _transport.IsWritable && _outbound.Count == 0;

    /// <summary>Whether the session has ended.</summary>
    internal bool IsOver => _state == EngineSessionState.Closed;

    internal EngineServer Server => _server;

    /// <summary>The one lock of this session and all that hangs on it: its connection, sockets, their events. Held for a few instructions, and never while calling out.</summary>
    internal Lock Gate => _gate;

    /// <summary>No longer than a client may be silent at all.</summary>
    private TimeSpan CloseTimeout
    {
        get
        {
            var silence = _server.Options.PingInterval + _server.Options.PingTimeout;
            return silence < MaxCloseTimeout ? silence : MaxCloseTimeout;
        }
    }

    internal EngineTransport Transport => _transport;

    /// <summary>The span of the request that opened the WebSocket, where that has ended since.</summary>
    internal string? RequestId { get; set; }

    /// <summary>Sends a text message.</summary>
    /// <returns>False if the session is closed, or has just been closed because too much was waiting already.</returns>
    public bool Send(string message) => Send(EnginePacket.CreateMessage(message));

    /// <summary>Sends a binary message.</summary>
    /// <param name="message">The bytes, which the caller must not change afterwards.</param>
    /// <returns>False if the session is closed, or has just been closed because too much was waiting already.</returns>
    public bool Send(ReadOnlyMemory<byte> message) => Send(new EnginePacket(message, IsBinary: true));

    /// <summary>Closes the session with reason <c>forced close</c>, after what was sent before has left.</summary>
    public void Close()
    {
        EngineTransport transport;
        lock (_gate)
        {
            if (_state != EngineSessionState.Open)
            {
                return;
            }

            _state = EngineSessionState.Closing;
            _outbound.Enqueue(EnginePacket.Close);
            _outboundBytes += EnginePacket.Close.Frame.Length + PacketCost;
            _timer.Change(CloseTimeout, Timeout.InfiniteTimeSpan);
            transport = _transport;
        }

        transport.Flush();
    }

    internal bool Send(EnginePacket packet)
    {
        EngineTransport transport;
        lock (_gate)
        {
            if (!TryEnqueue(packet))
            {
                return false;
            }

            transport = _transport;
        }

        return AfterEnqueue(transport);
    }

    /// <summary>Sends a packet and the binary packets that belong to it, with nothing in between.</summary>
    internal bool Send(EnginePacket packet, ReadOnlySpan<ReadOnlyMemory<byte>> attachments)
    {
        EngineTransport transport;
        lock (_gate)
        {
            if (!TryEnqueue(packet))
            {
                return false;
            }

            foreach (var attachment in attachments)
            {
                TryEnqueue(new EnginePacket(attachment, IsBinary: true, packet.Compress));
            }

            transport = _transport;
        }

        return AfterEnqueue(transport);
    }

    private bool TryEnqueue(EnginePacket packet)
    {
        if (_state != EngineSessionState.Open)
        {
            return false;
        }

        _outbound.Enqueue(packet);
        _outboundBytes += packet.Frame.Length + PacketCost;
        _server.Metrics.BytesSent(packet.Frame.Length);
        return true;
    }

    private bool AfterEnqueue(EngineTransport transport)
    {
        if (_outboundBytes > _server.Options.MaxSendBufferSize)
        {
            EngineLog.SendBufferFull(_server.Logger, Id, _server.Options.MaxSendBufferSize);
            OnClosed(EngineCloseReason.TransportError, EnginePacket.Close);
            return false;
        }

        if (!OutboundBatch.TryDefer(transport))
        {
            transport.Flush();
        }

        return true;
    }

    /// <summary>Begins the session's life on its first transport.</summary>
    internal void Open(EngineTransport transport) => _transport = transport;

    /// <summary>Hands the session to whoever listens, and starts the heartbeat.</summary>
    internal void Start(IEngineSessionHandler handler)
    {
        _handler = handler;
        lock (_gate)
        {
            if (_state == EngineSessionState.Open)
            {
                SetTimer(Protocol == 3 ? _server.Options.PingInterval + _server.Options.PingTimeout : _server.Options.PingInterval);
            }
        }

        handler.OnOpened();
    }

    /// <summary>The next packet to send, for the current transport alone.</summary>
    internal bool TryDequeue(EngineTransport transport, out EnginePacket packet)
    {
        lock (_gate)
        {
            if (_transport != transport || !_outbound.TryDequeue(out packet))
            {
                packet = default;
                return false;
            }

            _outboundBytes -= packet.Frame.Length + PacketCost;
            return true;
        }
    }

    /// <summary>Whether the next packet to send ends the session.</summary>
    internal bool IsNextClose
    {
        get
        {
            lock (_gate)
            {
                return _outbound.TryPeek(out var packet) && packet.IsClose;
            }
        }
    }

    internal bool HasOutbound(EngineTransport transport)
    {
        lock (_gate)
        {
            return _transport == transport && _outbound.Count > 0;
        }
    }

    /// <summary>A packet came on the current transport.</summary>
    internal ValueTask OnPacketAsync(EnginePacketType type, ReadOnlyMemory<byte> data, bool isBinary)
    {
        if (_state == EngineSessionState.Closed)
        {
            return ValueTask.CompletedTask;
        }

        if (_awaitsPong && type != EnginePacketType.Pong)
        {
            ExtendPongTime();
        }

        switch (type)
        {
            case EnginePacketType.Message:
                _server.Metrics.BytesReceived(data.Length);
                return _state == EngineSessionState.Open && _handler is { } handler ? HandleMessageAsync(handler, data, isBinary) : ValueTask.CompletedTask;

            case EnginePacketType.Pong when Protocol == 4:
                OnPong();
                break;

            case EnginePacketType.Ping when Protocol == 3:
                RestartHeartbeat(_server.Options.PingInterval + _server.Options.PingTimeout);
                Send(EnginePacket.Pong);
                break;

            case EnginePacketType.Ping or EnginePacketType.Pong:
                // Node's "invalid heartbeat direction".
                OnClosed(EngineCloseReason.TransportError, EnginePacket.Close);
                break;

            case EnginePacketType.Close:
                OnClosed(EngineCloseReason.TransportClose, EnginePacket.Noop);
                break;
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Whatever a handler throws ends its session and goes no further.</summary>
    private ValueTask HandleMessageAsync(IEngineSessionHandler handler, ReadOnlyMemory<byte> data, bool isBinary)
    {
        ValueTask task;
        try
        {
            task = handler.OnMessageAsync(data, isBinary);
        }
#pragma warning disable CA1031 // See the summary.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            OnHandlerFailed(exception);
            return ValueTask.CompletedTask;
        }

        return task.IsCompletedSuccessfully ? ValueTask.CompletedTask : WaitAsync(task);

        async ValueTask WaitAsync(ValueTask task)
        {
            try
            {
                await task;
            }
#pragma warning disable CA1031 // As above.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                OnHandlerFailed(exception);
            }
        }
    }

    private void OnHandlerFailed(Exception exception)
    {
        EngineLog.HandlerFailed(_server.Logger, exception, Id);
        OnClosed(EngineCloseReason.TransportError, EnginePacket.Close);
    }

    internal void OnParseError() => OnClosed(EngineCloseReason.ParseError, EnginePacket.Close);

    internal void OnTransportError() => OnClosed(EngineCloseReason.TransportError, EnginePacket.Close);

    /// <summary>The transport's connection has ended: an end of the session only if it is the session's current transport.</summary>
    internal void OnTransportClosed(EngineTransport transport, string reason)
    {
        EngineUpgrade? failed = null;
        bool isCurrent;
        lock (_gate)
        {
            isCurrent = _transport == transport;
            if (!isCurrent && _upgrade?.Transport == transport)
            {
                failed = _upgrade;
                _upgrade = null;
            }
        }

        if (isCurrent)
        {
            OnClosed(_state == EngineSessionState.Closing ? EngineCloseReason.ForcedClose : reason, EnginePacket.Close);
        }
        else if (failed is not null)
        {
            failed.Stop();
            _server.Metrics.UpgradeFailed();
        }
    }

    /// <summary>Ends the session at once. Does nothing if it has ended already.</summary>
    internal void OnClosed(string reason, EnginePacket lastWord)
    {
        EngineUpgrade? upgrade;
        lock (_gate)
        {
            if (_state == EngineSessionState.Closed)
            {
                return;
            }

            _state = EngineSessionState.Closed;
            _outbound.Clear();
            _outbound.TrimExcess();
            _outboundBytes = 0;
            upgrade = _upgrade;
            _upgrade = null;
        }

        _timer.Dispose();
        _server.Remove(this, reason);
        upgrade?.Stop();
        upgrade?.Transport.Discard(lastWord);
        _transport.Discard(lastWord);

        try
        {
            _handler?.OnClosed(reason);
        }
#pragma warning disable CA1031 // Whatever a handler throws must not keep the session from ending.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            EngineLog.HandlerFailed(_server.Logger, exception, Id);
        }
    }

    /// <summary>A second connection wants to take over. False if the session is on WebSocket already, or about to be.</summary>
    internal bool TryBeginUpgrade(WebSocketTransport transport)
    {
        lock (_gate)
        {
            if (_state != EngineSessionState.Open || _upgrade is not null || _transport is not PollingTransport || !_server.Options.AllowUpgrades)
            {
                return false;
            }

            _upgrade = new EngineUpgrade(this, transport);
            return true;
        }
    }

    /// <summary>The probing transport has said <c>5</c>: from here on everything goes by it.</summary>
    internal bool CompleteUpgrade(WebSocketTransport transport)
    {
        EngineUpgrade? upgrade;
        EngineTransport old;
        lock (_gate)
        {
            upgrade = _upgrade;
            if (upgrade?.Transport != transport || _state == EngineSessionState.Closed)
            {
                return false;
            }

            old = _transport;
            _upgrade = null;
            _transport = transport;
        }

        upgrade.Stop();
        old.Discard(EnginePacket.Noop);
        _server.OnUpgraded();
        transport.Flush();
        _handler?.OnUpgraded();
        return true;
    }

    /// <summary>The upgrade did not come to its end in time, or broke the rules: the session stays where it is.</summary>
    internal void FailUpgrade(EngineUpgrade upgrade)
    {
        lock (_gate)
        {
            if (_upgrade != upgrade)
            {
                return;
            }

            _upgrade = null;
        }

        upgrade.Stop();
        _server.Metrics.UpgradeFailed();
        upgrade.Transport.Discard(EnginePacket.Noop);
    }

    internal EngineUpgrade? Upgrade => _upgrade;

    private void RestartHeartbeat(TimeSpan due)
    {
        lock (_gate)
        {
            if (_state == EngineSessionState.Open)
            {
                _awaitsPong = false;
                SetTimer(due);
            }
        }
    }

    /// <summary>A client that sends other things is alive: its pong may come later, once. As engine.io 6.6.12 has it.</summary>
    private void ExtendPongTime()
    {
        lock (_gate)
        {
            if (_state == EngineSessionState.Open && _awaitsPong && !_isPongTimeExtended)
            {
                _isPongTimeExtended = true;
                SetTimer(_server.Options.PingTimeout);
            }
        }
    }

    /// <summary>Under the lock.</summary>
    private void SetTimer(TimeSpan due)
    {
        _due = _server.TimeProvider.GetTimestamp() + GetTicks(due);
        _timer.Change(due, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Ends the session if the time for a sign of life is up. Then the timer would do so in a moment.</summary>
    internal bool CloseIfOverdue()
    {
        var options = _server.Options;
        lock (_gate)
        {
            var time = _server.TimeProvider;
            var limit = Protocol == 3 || _awaitsPong ? _due : _due + GetTicks(options.PingTimeout);
            if (_state != EngineSessionState.Open || _due == 0 || time.GetTimestamp() < limit)
            {
                return false;
            }
        }

        OnClosed(EngineCloseReason.PingTimeout, EnginePacket.Close);
        return true;
    }

    /// <summary>
    /// A client that is there to get the ping has its whole time from now on. For another the time runs from when the ping was due, so that a late timer
    /// gives it no more. Under the lock.
    /// </summary>
    private void SetPongTimer()
    {
        _pingDue = _due;
        SetTimerAt((_transport.IsWritable ? _server.TimeProvider.GetTimestamp() : _due) + GetTicks(_server.Options.PingTimeout));
    }

    /// <summary>Pings keep their beat: what the last one's way there and back took does not put off the next.</summary>
    private void OnPong()
    {
        lock (_gate)
        {
            if (_state != EngineSessionState.Open)
            {
                return;
            }

            if (_awaitsPong)
            {
                _awaitsPong = false;
                SetTimerAt(Math.Max(_pingDue + GetTicks(_server.Options.PingInterval), _server.TimeProvider.GetTimestamp()));
            }
            else
            {
                SetTimer(_server.Options.PingInterval);
            }
        }
    }

    /// <summary>Under the lock.</summary>
    private void SetTimerAt(long due)
    {
        _due = due;
        var time = _server.TimeProvider;
        var left = time.GetElapsedTime(time.GetTimestamp(), due);
        _timer.Change(left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private long GetTicks(TimeSpan span) => (long)(span.TotalSeconds * _server.TimeProvider.TimestampFrequency);

    private void OnHeartbeatTimer()
    {
        var timedOut = false;
        lock (_gate)
        {
            switch (_state)
            {
                case EngineSessionState.Closed:
                    return;
                case EngineSessionState.Closing:
                    break;
                default:
                    timedOut = _awaitsPong || Protocol == 3;
                    if (!timedOut)
                    {
                        _awaitsPong = true;
                        _isPongTimeExtended = false;
                        SetPongTimer();
                    }

                    break;
            }
        }

        if (timedOut)
        {
            OnClosed(EngineCloseReason.PingTimeout, EnginePacket.Close);
        }
        else if (_state == EngineSessionState.Closing)
        {
            OnClosed(EngineCloseReason.ForcedClose, EnginePacket.Close);
        }
        else
        {
            Send(EnginePacket.Ping);
        }
    }
}
