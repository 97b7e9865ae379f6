using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using StickyAspire.Connections;

namespace StickyAspire.SocketIO.Engine;

/// <summary>Frames on a connection that has left HTTP: nothing of the request stays in memory, and no layer lies between the frames and the socket's pipes.</summary>
internal sealed class ConnectionLink(DetachedConnection connection, int limit) : FrameLink(limit)
{
    public override bool IsDetached => true;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<WebSocketMessage> ReceiveAsync()
    {
        while (true)
        {
            if (Reader.TryRead(out var message))
            {
                return message;
            }

            Reader.Release();
            if (!Take(await connection.Input.ReadAsync(CancellationToken.None)))
            {
                return End();
            }
        }
    }

    public override void Abort() => connection.Abort();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await connection.DisposeAsync();
    }

    protected override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        var flush = connection.Output.WriteAsync(bytes);
        return flush.IsCompletedSuccessfully ? ValueTask.CompletedTask : WaitAsync(flush);

        static async ValueTask WaitAsync(ValueTask<FlushResult> flush) => await flush;
    }

    /// <summary>Hands what has come to the reader. False at the connection's end.</summary>
    private bool Take(in ReadResult read)
    {
        if (read.Buffer.IsEmpty && read.IsCompleted)
        {
            return false;
        }

        // As much as there is room for; the reader makes more only for a frame that has begun.
        var room = Reader.GetMemory().Span;
        var taken = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, room.Length));
        taken.CopyTo(room);
        Reader.Advance((int)taken.Length);
        connection.Input.AdvanceTo(taken.End);
        return true;
    }
}
