using System.Buffers;
using System.IO.Pipelines;
using System.Net.WebSockets;
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
            Take(await connection.Input.ReadAsync(CancellationToken.None));
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

    private void Take(in ReadResult read)
    {
        if (read.Buffer.IsEmpty && read.IsCompleted)
        {
            throw new WebSocketException(WebSocketError.ConnectionClosedPrematurely);
        }

        // As much as there is room for; the reader makes more only for a frame that has begun.
        var room = Reader.GetMemory().Span;
        var taken = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, room.Length));
        taken.CopyTo(room);
        Reader.Advance((int)taken.Length);
        connection.Input.AdvanceTo(taken.End);
    }
}
