using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;
using StickyAspire.Trunks;

namespace StickyAspire.Yarp.Tunnels;

/// <summary>A stream of the trunk that leads to the server.</summary>
internal sealed class TrunkServerConnection(TrunkStream stream) : ServerConnection
{
    private bool _isDisposed;

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

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReceiveAsync(Memory<byte> bytes, CancellationToken cancellationToken = default)
    {
        try
        {
            while (true)
            {
                var read = await stream.Input.ReadAsync(cancellationToken);
                var count = Take(read, bytes.Span);
                if (count > 0 || bytes.IsEmpty || read.IsCompleted)
                {
                    return count;
                }
            }
        }
        catch (Exception exception) when (exception is IOException or ConnectionAbortedException)
        {
            throw new SocketException((int)Broken);
        }
    }

    public override void ShutdownSend() => stream.Finish();

    public override void Dispose()
    {
        Volatile.Write(ref _isDisposed, true);
        stream.Close();
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
