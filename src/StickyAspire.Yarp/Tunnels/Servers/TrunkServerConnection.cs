using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Threading.Tasks.Sources;
using Microsoft.AspNetCore.Connections;
using StickyAspire.Trunks;

namespace StickyAspire.Yarp.Tunnels;

/// <summary>A stream of the trunk that leads to the server. Waiting for bytes makes nothing: it is the trunk's own wait, passed on.</summary>
/// <param name="stream">The stream.</param>
/// <param name="failsAsStream">Whether a wait fails with an <see cref="IOException"/>, as a <see cref="Stream"/>'s does, around the <see cref="SocketException"/>.</param>
internal sealed class TrunkServerConnection(TrunkStream stream, bool failsAsStream = false) : ServerConnection, IValueTaskSource<int>
{
    private Memory<byte> _receiving;
    private bool _isDisposed;

    public override bool HasEnded => stream.Input.HasEnded;

    /// <summary>A stream with nobody at its end is a connection that was never made, as far as the server knows.</summary>
    private SocketError Broken => Volatile.Read(ref _isDisposed) ? SocketError.OperationAborted : stream.IsLost ? SocketError.NetworkReset : SocketError.ConnectionReset;

    public override int Send(ReadOnlySpan<byte> bytes, out SocketError error)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed), this);
        var sent = stream.Send(bytes);
        error = sent switch
        {
            < 0 => Broken,
            0 when !bytes.IsEmpty => SocketError.WouldBlock,
            _ => SocketError.Success,
        };
        return sent;
    }

    public override async ValueTask<int> SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var sent = Send(bytes.Span, out var error);
            if (error != SocketError.WouldBlock)
            {
                return error == SocketError.Success ? sent : throw new SocketException((int)error);
            }

            var room = stream.WaitForRoomAsync();
            await using (cancellationToken.UnsafeRegister(static stream => ((TrunkStream)stream!).CancelWait(), stream))
            {
                if (!await room)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                }
            }
        }
    }

    public override int Receive(Span<byte> bytes, out SocketError error)
    {
        error = SocketError.Success;
        ReadResult read;
        try
        {
            if (!stream.Input.TryRead(out read))
            {
                error = SocketError.WouldBlock;
                return -1;
            }
        }
        catch (Exception exception) when (exception is IOException or ConnectionAbortedException)
        {
            error = Broken;
            return -1;
        }

        var count = Take(read, bytes);
        if (count == 0 && !read.IsCompleted)
        {
            error = SocketError.WouldBlock;
            return -1;
        }

        return count;
    }

    public override ValueTask<int> ReceiveAsync(Memory<byte> bytes, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.CanBeCanceled)
        {
            return ReceiveUntilAsync(bytes, cancellationToken);
        }

        if (stream.Input.TryWait(out var token))
        {
            _receiving = bytes;
            return new ValueTask<int>(this, token);
        }

        try
        {
            return stream.Input.TryRead(out var read) ? ValueTask.FromResult(Take(read, bytes.Span)) : throw new InvalidOperationException("What was there has gone: two are reading.");
        }
        catch (Exception exception) when (exception is IOException or ConnectionAbortedException)
        {
            return ValueTask.FromException<int>(Failure());
        }
    }

    public override void ShutdownSend() => stream.Finish();

    public override void Dispose()
    {
        Volatile.Write(ref _isDisposed, true);
        stream.Close();
    }

    int IValueTaskSource<int>.GetResult(short token)
    {
        var bytes = _receiving;
        _receiving = default;
        try
        {
            return Take(((IValueTaskSource<ReadResult>)stream.Input).GetResult(token), bytes.Span);
        }
        catch (Exception exception) when (exception is IOException or ConnectionAbortedException)
        {
            throw Failure();
        }
    }

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => ((IValueTaskSource<ReadResult>)stream.Input).GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        ((IValueTaskSource<ReadResult>)stream.Input).OnCompleted(continuation, state, token, flags);

    private async ValueTask<int> ReceiveUntilAsync(Memory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            return Take(await stream.Input.ReadAsync(cancellationToken), bytes.Span);
        }
        catch (Exception exception) when (exception is IOException or ConnectionAbortedException)
        {
            throw Failure();
        }
    }

    private Exception Failure()
    {
        var failure = new SocketException((int)Broken);
        return failsAsStream ? new IOException(failure.Message, failure) : failure;
    }

    private int Take(in ReadResult read, Span<byte> bytes)
    {
        var taken = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, bytes.Length));
        taken.CopyTo(bytes);

        // What is left counts as not seen, so that the next to wait hears of it.
        stream.Input.AdvanceTo(taken.End, taken.End);
        return (int)taken.Length;
    }
}
