namespace StickyAspire.SocketIO.Engine;

/// <content>What is sent to the client: queued here, and pulled by the current transport.</content>
public sealed partial class EngineSession
{
    /// <summary>Sends a text message.</summary>
    /// <returns>False if the session is closed, or has just been closed because too much was waiting already.</returns>
    public bool Send(string message) => Send(EnginePacket.CreateMessage(message));

    /// <summary>Sends a binary message.</summary>
    /// <param name="message">The bytes, which the caller must not change afterwards.</param>
    /// <returns>False if the session is closed, or has just been closed because too much was waiting already.</returns>
    public bool Send(ReadOnlyMemory<byte> message) => Send(new EnginePacket(message, IsBinary: true));

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
                return _outbound.IsNextClose;
            }
        }
    }

    internal bool HasOutbound(EngineTransport transport)
    {
        lock (_gate)
        {
            return _transport == transport && !_outbound.IsEmpty;
        }
    }

    private bool TryEnqueue(EnginePacket packet)
    {
        if (_state != EngineSessionState.Open)
        {
            return false;
        }

        _outbound.Enqueue(packet);
        _server.Metrics.BytesSent(packet.Frame.Length);
        return true;
    }

    private bool AfterEnqueue(EngineTransport transport)
    {
        if (_outbound.Cost > _server.Options.MaxSendBufferSize)
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
}
