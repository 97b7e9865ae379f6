using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace StickyAspire.Yarp.Tunnels;

/// <content>The pump from the server to the client.</content>
internal sealed partial class Tunnel
{
    /// <summary>The least room worth a read.</summary>
    private const int MinRead = 512;

    /// <summary>How much is read from the server before the client gets it.</summary>
    private const int MaxBatch = 64 * 1024;

    /// <summary>Server to client. Ends when the server has, and never fails.</summary>
    private async Task PumpDownAsync(byte[]? early)
    {
        try
        {
            if (early is not null && _down.Enter())
            {
                await PassEarlyAsync(early);
                early = null;
            }

            while (true)
            {
                // Nothing is held while waiting for bytes.
                await _server.ReceiveAsync(Memory<byte>.Empty);
                var (received, more) = Receive();
                if (received > 0)
                {
                    var flush = _toClient.FlushAsync();
                    Volatile.Write(ref _isFlushing, !flush.IsCompleted);
                    _clientIsGone |= (await flush).IsCompleted;
                    Volatile.Write(ref _isFlushing, false);
                    if (_down.Leave())
                    {
                        await SendCloseToClientAsync();
                    }
                }

                if (!more || Volatile.Read(ref _aborted) || (_down.IsClosed && _down.CloseSeen))
                {
                    TryEnd(TunnelEnd.ServerClosed, null);
                    return;
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            TryEnd(TunnelEnd.ServerFailed, exception);
        }
        catch (Exception exception)
        {
            TryEnd(TunnelEnd.ClientFailed, exception);
        }
    }

    private async ValueTask PassEarlyAsync(byte[] early)
    {
        _down.Track(early);
        _clientIsGone |= (await _toClient.WriteAsync(early)).IsCompleted;
        if (_down.Leave())
        {
            await SendCloseToClientAsync();
        }
    }

    /// <summary>Takes what the server's socket has: into the client's pipe, where the caller must flush it and leave the lane, or nowhere.</summary>
    /// <returns>How many bytes are in the pipe; and false at the end.</returns>
    private (int Received, bool More) Receive()
    {
        if (_clientIsGone || !_down.Enter())
        {
            return (0, Discard());
        }

        var total = 0;
        while (true)
        {
            var span = _toClient.GetSpan(MinRead);
            var count = _server.Receive(span, out var error);
            if (count > 0)
            {
                _toClient.Advance(_down.Track(span[..count]));
                total += count;
                if (count == span.Length && total < MaxBatch)
                {
                    continue;
                }

                return (total, true);
            }

            if (total == 0)
            {
                _down.Leave();
            }

            return error switch
            {
                SocketError.WouldBlock => (total, true),
                SocketError.Success => (total, false),
                _ when total > 0 => (total, true),
                _ => throw new SocketException((int)error),
            };
        }
    }

    private bool Discard()
    {
        Span<byte> nowhere = stackalloc byte[4096];
        var count = _server.Receive(nowhere, out var error);
        _down.Track(nowhere[..Math.Max(count, 0)]);
        return error switch
        {
            SocketError.WouldBlock => true,
            SocketError.Success => count > 0,
            _ => throw new SocketException((int)error),
        };
    }

    private async Task SendCloseToClientAsync()
    {
        try
        {
            CloseFrame.Write(_toClient.GetSpan(CloseFrame.Size), _closeCode);
            _toClient.Advance(CloseFrame.Size);
            await _toClient.FlushAsync();
        }
        catch (Exception exception) when (exception is InvalidOperationException or IOException or ConnectionAbortedException or OperationCanceledException)
        {
            // It has just gone.
        }
    }
}
