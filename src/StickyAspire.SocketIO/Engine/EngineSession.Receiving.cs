namespace StickyAspire.SocketIO.Engine;

/// <content>What comes from the client.</content>
public sealed partial class EngineSession
{
    /// <summary>A packet came on the current transport.</summary>
    internal ValueTask OnPacketAsync(EnginePacketType type, ReadOnlyMemory<byte> data, bool isBinary)
    {
        if (_state == EngineSessionState.Closed)
        {
            return ValueTask.CompletedTask;
        }

        if (_heartbeat.AwaitsPong && type != EnginePacketType.Pong)
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
                RestartHeartbeat();
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
}
