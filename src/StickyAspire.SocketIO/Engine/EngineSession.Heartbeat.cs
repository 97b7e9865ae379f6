namespace StickyAspire.SocketIO.Engine;

/// <content>The signs of life, and what the lack of them leads to.</content>
public sealed partial class EngineSession
{
    /// <summary>How long a closed polling session waits for the poll that brings the client the news, at the most. Node's constant.</summary>
    private static readonly TimeSpan MaxCloseTimeout = TimeSpan.FromSeconds(30);

    /// <summary>No longer than a client may be silent at all.</summary>
    private TimeSpan CloseTimeout
    {
        get
        {
            var silence = _server.Options.PingInterval + _server.Options.PingTimeout;
            return silence < MaxCloseTimeout ? silence : MaxCloseTimeout;
        }
    }

    /// <summary>Ends the session if the time for a sign of life is up. Then the timer would do so in a moment.</summary>
    internal bool CloseIfOverdue()
    {
        lock (_gate)
        {
            if (_state != EngineSessionState.Open || !_heartbeat.IsOverdue(this))
            {
                return false;
            }
        }

        OnClosed(EngineCloseReason.PingTimeout, EnginePacket.Close);
        return true;
    }

    internal void OnHeartbeatTimer()
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
                case var _ when _heartbeat.IsPutOff(this):
                    return;
                default:
                    timedOut = !_heartbeat.TryBeginPing(this);
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

    private void RestartHeartbeat()
    {
        lock (_gate)
        {
            if (_state == EngineSessionState.Open)
            {
                _heartbeat.Restart(this);
            }
        }
    }

    private void ExtendPongTime()
    {
        lock (_gate)
        {
            if (_state == EngineSessionState.Open)
            {
                _heartbeat.ExtendPongTime(this);
            }
        }
    }

    private void OnPong()
    {
        lock (_gate)
        {
            if (_state == EngineSessionState.Open)
            {
                _heartbeat.OnPong(this);
            }
        }
    }
}
