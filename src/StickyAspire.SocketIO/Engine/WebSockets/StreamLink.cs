using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;

namespace StickyAspire.SocketIO.Engine;

/// <summary>Frames on the stream of a request that lasts as long as its WebSocket: over TLS, HTTP/2 and on servers other than Kestrel.</summary>
internal sealed class StreamLink(HttpContext context, Stream stream, int limit) : FrameLink(limit)
{
    private readonly Lock _gate = new();
    private HttpContext? _context = context;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<WebSocketMessage> ReceiveAsync()
    {
        while (true)
        {
            if (Reader.TryRead(out var message))
            {
                return message;
            }

            if (Reader.IsEmpty)
            {
                Reader.Release();
                // Without the token, here and below: a read ends with its connection, and a registration for each would cost more than the read.
#pragma warning disable CA2022 // A read of nothing, so that an idle connection holds no buffer.
                await stream.ReadAsync(Memory<byte>.Empty, CancellationToken.None);
#pragma warning restore CA2022
            }

            var count = await stream.ReadAsync(Reader.GetMemory(), CancellationToken.None);
            if (count == 0)
            {
                return End();
            }

            Reader.Advance(count);
        }
    }

    public override void Abort()
    {
        lock (_gate)
        {
            _context?.Abort();
        }
    }

    public override ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            // The context may serve another request from now on.
            _context = null;
        }

        return base.DisposeAsync();
    }

    protected override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) => stream.WriteAsync(bytes);
}
