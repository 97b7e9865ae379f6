using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace StickyAspire.Yarp.Tunnels;

/// <summary>
/// An open WebSocket between a client and a server: two pumps that hold no buffer while nothing passes, and know frames just well enough to close between them.
/// Bytes go from the server's socket into the client's pipe, and from the client's pipe into the server's socket, without a stop on the way.
/// </summary>
internal sealed class Tunnel
{
    /// <summary>The least room worth a read.</summary>
    private const int MinRead = 512;

    /// <summary>How much is read from the server before the client gets it.</summary>
    private const int MaxBatch = 64 * 1024;

    private readonly HttpContext _context;
    private readonly PipeReader _fromClient;
    private readonly PipeWriter _toClient;
    private readonly Socket _server;
    private readonly TunnelOptions _options;
    private Lane _up;
    private Lane _down;
    private Exception? _exception;
    private int _end;
    private ushort _closeCode;
    private bool _clientIsGone;
    private bool _serverIsGone;
    private bool _aborted;
    private bool _serverAsked;

    // The sweep's own.
    private long _bytesSeen;
    private long _bytesInCounted;
    private long _bytesOutCounted;
    private long _activeAt;
    private long _endingSince = long.MaxValue;

    /// <param name="context">The request, upgraded.</param>
    /// <param name="client">Its connection.</param>
    /// <param name="server">A connection that belongs to the tunnel from now on.</param>
    /// <param name="options">The cluster's.</param>
    public Tunnel(HttpContext context, IDuplexPipe client, Socket server, TunnelOptions options)
    {
        _context = context;
        _fromClient = client.Input;
        _toClient = client.Output;
        _server = server;
        _options = options;
        server.Blocking = false;
    }

    public TunnelEnd End => (TunnelEnd)Volatile.Read(ref _end);

    /// <summary>What broke, where something did.</summary>
    public Exception? Exception => _exception;

    public long BytesIn => _up.Bytes;

    public long BytesOut => _down.Bytes;

    /// <summary>When it was opened, by the registry's clock.</summary>
    public long OpenedAt { get; set; }

    // The registry's list.
    public Tunnel? Previous { get; set; }

    public Tunnel? Next { get; set; }

    /// <summary>Passes on what the server sent together with its answer, then everything, until either side ends it or it is closed.</summary>
    public async Task<ForwarderError> RunAsync(byte[]? early)
    {
        var up = PumpUpAsync();
        await PumpDownAsync(early);

        // Without a server there is nobody to read for.
        Volatile.Write(ref _serverIsGone, true);
        _fromClient.CancelPendingRead();
        _server.Dispose();
        await up;
        if (_aborted)
        {
            _context.Abort();
        }

        return End switch
        {
            TunnelEnd.ClientFailed => ForwarderError.UpgradeRequestClient,
            TunnelEnd.ServerFailed => ForwarderError.UpgradeResponseDestination,
            TunnelEnd.Idle => ForwarderError.UpgradeActivityTimeout,
            _ => ForwarderError.None,
        };
    }

    /// <summary>
    /// Begins the end: the client gets a close frame, its answer still goes to the server, which answers in turn and hangs up. A server that has seen no close frame
    /// after half the close timeout gets one too; what has not ended after all of it is cut.
    /// </summary>
    public void Close(TunnelEnd reason, ushort code, long now)
    {
        if (!TryEnd(reason, null))
        {
            return;
        }

        _closeCode = code;
        Volatile.Write(ref _endingSince, now);
        if (_down.RequestClose())
        {
            _ = SendCloseToClientAsync();
            _down.CloseWritten();
        }
    }

    /// <summary>Looks after times; called every now and then by one thread at a time.</summary>
    /// <returns>What has to be done, outside of the registry's locks.</returns>
    public TunnelDue Sweep(long now, TunnelCounters counters)
    {
        var bytes = CountBytes(counters);
        if (End != TunnelEnd.None)
        {
            // Where a side has closed by itself the time begins to count here.
            var since = Interlocked.CompareExchange(ref _endingSince, now, long.MaxValue) is not long.MaxValue and var earlier ? earlier : now;
            var limit = (long)_options.CloseTimeout.TotalMilliseconds;
            return now - since >= limit ? TunnelDue.Abort
                : now - since >= limit / 2 && !_serverAsked ? TunnelDue.AskServer
                : TunnelDue.Nothing;
        }

        if (bytes != _bytesSeen)
        {
            _bytesSeen = bytes;
            _activeAt = now;
        }

        return now - Math.Max(_activeAt, OpenedAt) >= (long)_options.IdleTimeout.TotalMilliseconds ? TunnelDue.Idle : TunnelDue.Nothing;
    }

    /// <summary>Adds what has passed since last time to the destination's counters.</summary>
    public long CountBytes(TunnelCounters counters)
    {
        var bytesIn = BytesIn;
        var bytesOut = BytesOut;
        counters.AddBytes(bytesIn - _bytesInCounted, bytesOut - _bytesOutCounted);
        _bytesInCounted = bytesIn;
        _bytesOutCounted = bytesOut;
        return bytesIn + bytesOut;
    }

    /// <summary>A close frame for a server whose client does not answer.</summary>
    public void AskServer()
    {
        _serverAsked = true;
        if (_closeCode != 0 && _up.RequestClose())
        {
            SendCloseToServer();
            _up.CloseWritten();
        }
    }

    /// <summary>Cuts both connections.</summary>
    public void Abort()
    {
        Volatile.Write(ref _aborted, true);
        _server.Dispose();
        _fromClient.CancelPendingRead();
        _toClient.CancelPendingFlush();
    }

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
                await _server.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None);
                var (received, more) = Receive();
                if (received > 0)
                {
                    _clientIsGone |= (await _toClient.FlushAsync()).IsCompleted;
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
            var count = _server.Receive(span, SocketFlags.None, out var error);
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
        var count = _server.Receive(nowhere, SocketFlags.None, out var error);
        _down.Track(nowhere[..Math.Max(count, 0)]);
        return error switch
        {
            SocketError.WouldBlock => true,
            SocketError.Success => count > 0,
            _ => throw new SocketException((int)error),
        };
    }

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
                    rest = rest[await _server.SendAsync(rest, SocketFlags.None)..];
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
            var count = _server.Send(segment.Span, SocketFlags.None, out _);
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
            _server.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It was quicker.
        }
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

    private void SendCloseToServer()
    {
        Span<byte> frame = stackalloc byte[CloseFrame.MaskedSize];
        CloseFrame.WriteMasked(frame, _closeCode);
        try
        {
            // Eight bytes that do not fit are for a server that has stopped reading: the close timeout sees to it.
            _ = _server.Send(frame, SocketFlags.None, out _);
        }
        catch (ObjectDisposedException)
        {
        }
    }

    private bool TryEnd(TunnelEnd reason, Exception? exception)
    {
        if (Interlocked.CompareExchange(ref _end, (int)reason, (int)TunnelEnd.None) != (int)TunnelEnd.None)
        {
            return false;
        }

        _exception = exception;
        return true;
    }
}
