using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;

namespace StickyAspire.Yarp.Tunnels;

/// <content>The pump from the client to the server.</content>
internal sealed partial class Tunnel
{
    /// <summary>Client to server. Ends when the client or the server has, and never fails.</summary>
    private async Task PumpUpAsync()
    {
        try
        {
            while (true)
            {
                var result = await _fromClient.ReadAsync();
                if (!await SendAsync(result) || Volatile.Read(ref _serverIsGone) || Volatile.Read(ref _aborted))
                {
                    break;
                }
            }

            TryEnd(TunnelEnd.ClientClosed, null);
            FinishServer();
        }
        catch (Exception exception)
        {
            // The client's connection is no more: neither can the server's be of use.
            TryEnd(TunnelEnd.ClientFailed, exception);
            _clientIsGone = true;
            _server.Dispose();
        }
    }

    /// <returns>False at the client's end.</returns>
    private ValueTask<bool> SendAsync(in ReadResult result)
    {
        var buffer = result.Buffer;
        if (!buffer.IsEmpty)
        {
            var isOpen = _up.Enter();
            var passes = 0L;
            foreach (var segment in buffer)
            {
                passes += _up.Track(segment.Span);
            }

            if (isOpen)
            {
                if (passes < buffer.Length)
                {
                    buffer = buffer.Slice(0, passes);
                }

                // Nearly always all of it fits into the socket's buffer.
                var sent = SendNow(buffer);
                if (sent < passes)
                {
                    return SendRestAsync(result, buffer.Slice(sent));
                }

                LeaveUp();
            }
        }

        return new ValueTask<bool>(Advance(result));
    }

    private async ValueTask<bool> SendRestAsync(ReadResult result, ReadOnlySequence<byte> unsent)
    {
        try
        {
            foreach (var segment in unsent)
            {
                for (var rest = segment; !rest.IsEmpty;)
                {
                    rest = rest[await _server.SendAsync(rest)..];
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The server does not listen any more. What it said last is still on its way, so the other pump decides what becomes of the tunnel.
        }

        LeaveUp();
        return Advance(result);
    }

    private long SendNow(in ReadOnlySequence<byte> buffer)
    {
        var total = 0L;
        foreach (var segment in buffer)
        {
            var count = _server.Send(segment.Span, out _);
            total += Math.Max(count, 0);
            if (count < segment.Length)
            {
                break;
            }
        }

        return total;
    }

    private bool Advance(in ReadResult result)
    {
        _fromClient.AdvanceTo(result.Buffer.End);

        // A client that has answered our close frame has been told all, and a server that is down need not be waited for.
        if (End == TunnelEnd.Evicted && _up.CloseSeen && _down.IsClosed)
        {
            _server.Dispose();
        }

        return !result.IsCompleted;
    }

    private void LeaveUp()
    {
        if (_up.Leave())
        {
            SendCloseToServer();
        }
    }

    /// <summary>The client has closed its side: so is the gateway's closed to the server, which may finish in its own time, up to the close timeout.</summary>
    private void FinishServer()
    {
        try
        {
            _server.ShutdownSend();
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It was quicker.
        }
    }

    private void SendCloseToServer()
    {
        Span<byte> frame = stackalloc byte[CloseFrame.MaskedSize];
        CloseFrame.WriteMasked(frame, _closeCode);
        try
        {
            // Eight bytes that do not fit are for a server that has stopped reading: the close timeout sees to it.
            _ = _server.Send(frame, out _);
        }
        catch (ObjectDisposedException)
        {
        }
    }
}
