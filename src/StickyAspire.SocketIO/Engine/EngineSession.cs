namespace StickyAspire.SocketIO.Engine;

/// <summary>One Engine.IO session: a client, over whichever transport it uses at the moment. Safe for use by several threads.</summary>
/// <remarks>Follows the Engine.IO protocol, revision 4 (and 3 where <see cref="EngineOptions.AllowEIO3"/> is set).</remarks>
public sealed partial class EngineSession
{
    private readonly Lock _gate = new();
    private readonly EngineServer _server;
    private OutboundQueue _outbound = new();
    private Heartbeat _heartbeat;
    private EngineTransport _transport = null!;
    private EngineUpgrade? _upgrade;
    private IEngineSessionHandler? _handler;
    private EngineSessionState _state;

    internal EngineSession(EngineServer server, string id, int protocol, EngineHandshake handshake)
    {
        _server = server;
        Id = id;
        Protocol = protocol;
        Handshake = handshake;
        _heartbeat = new Heartbeat(this);
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
    internal bool IsWritable => _state == EngineSessionState.Open && _transport.IsWritable && _outbound.IsEmpty;

    /// <summary>Whether the session has ended.</summary>
    internal bool IsOver => _state == EngineSessionState.Closed;

    internal EngineServer Server => _server;

    /// <summary>The one lock of this session and all that hangs on it: its connection, sockets, their events. Held for a few instructions, and never while calling out.</summary>
    internal Lock Gate => _gate;

    internal EngineTransport Transport => _transport;

    /// <summary>The span of the request that opened the WebSocket, where that has ended since.</summary>
    internal string? RequestId { get; set; }

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
            _heartbeat.EndIn(CloseTimeout);
            transport = _transport;
        }

        transport.Flush();
    }

    /// <summary>Begins the session's life on its first transport.</summary>
    internal void Open(EngineTransport transport) => _transport = transport;

    /// <summary>Hands the session to whoever listens, and starts the heartbeat.</summary>
    internal void Start(IEngineSessionHandler handler)
    {
        _handler = handler;
        RestartHeartbeat();
        handler.OnOpened();
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
            upgrade = _upgrade;
            _upgrade = null;
        }

        _heartbeat.Stop();
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
}
