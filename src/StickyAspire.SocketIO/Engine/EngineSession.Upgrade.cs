namespace StickyAspire.SocketIO.Engine;

/// <content>The move from polling to WebSocket.</content>
public sealed partial class EngineSession
{
    internal EngineUpgrade? Upgrade => _upgrade;

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
}
