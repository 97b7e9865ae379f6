using System.Buffers;
using System.Net.WebSockets;

namespace StickyAspire.SocketIO.Engine;

/// <summary>The framework's own WebSocket: for compressed messages, and for servers that do not hand out the upgraded connection.</summary>
/// <param name="socket">The accepted WebSocket.</param>
/// <param name="limit">The largest message, in bytes.</param>
/// <param name="compressionThreshold">Messages smaller than this are sent uncompressed.</param>
internal sealed class ManagedLink(WebSocket socket, int limit, int compressionThreshold) : WebSocketLink
{
    private const int InitialBufferSize = 4096;

    private readonly List<(EnginePacket Packet, bool HasTypeByte)> _written = [];
    private byte[] _buffer = [];

    public override bool IsFull => _written.Count > 0;

    public override bool TryReceive(out WebSocketMessage message)
    {
        message = default;
        return false;
    }

    public override async ValueTask<WebSocketMessage> ReceiveAsync()
    {
        Release();
        var result = await socket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None);
        var length = 0;
        _buffer = ArrayPool<byte>.Shared.Rent(InitialBufferSize);
        while (result is { EndOfMessage: false, MessageType: not WebSocketMessageType.Close })
        {
            if (length == _buffer.Length)
            {
                Grow();
            }

            result = await socket.ReceiveAsync(_buffer.AsMemory(length), CancellationToken.None);
            length += result.Count;
            if (length > limit)
            {
                throw new WebSocketViolation(WebSocketCloseStatus.MessageTooBig, "The message is larger than allowed.");
            }
        }

        return new WebSocketMessage(
            result.MessageType switch
            {
                WebSocketMessageType.Text => WebSocketMessageKind.Text,
                WebSocketMessageType.Binary => WebSocketMessageKind.Binary,
                _ => WebSocketMessageKind.Close,
            },
            _buffer.AsMemory(0, length));
    }

    public override async ValueTask DrainAsync()
    {
        if (socket.State is not (WebSocketState.Open or WebSocketState.CloseSent))
        {
            return;
        }

        Release();
        _buffer = ArrayPool<byte>.Shared.Rent(InitialBufferSize);
        while ((await socket.ReceiveAsync(_buffer.AsMemory(), CancellationToken.None)).MessageType != WebSocketMessageType.Close)
        {
            // What it says is too late.
        }
    }

    public override void Write(EnginePacket packet, bool hasTypeByte) => _written.Add((packet, hasTypeByte));

    public override async ValueTask FlushAsync()
    {
        foreach (var (packet, hasTypeByte) in _written)
        {
            if (!IsCloseSent)
            {
                await SendAsync(packet, hasTypeByte);
            }
        }

        _written.Clear();
        if (IsCloseWaiting)
        {
            IsCloseSent = true;
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await socket.CloseOutputAsync(CloseStatus, null, CancellationToken.None);
            }
        }
    }

    public override void Abort() => socket.Abort();

    public override ValueTask DisposeAsync()
    {
        Release();
        socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private async ValueTask SendAsync(EnginePacket packet, bool hasTypeByte)
    {
        var flags = WebSocketMessageFlags.EndOfMessage;
        if (!packet.Compress || packet.Frame.Length < compressionThreshold)
        {
            flags |= WebSocketMessageFlags.DisableCompression;
        }

        var frame = packet.Frame;
        if (packet.IsBinary && hasTypeByte)
        {
            var typed = new byte[frame.Length + 1];
            typed[0] = EnginePacketType.Message - EnginePacketType.Open;
            frame.Span.CopyTo(typed.AsSpan(1));
            frame = typed;
        }

        await socket.SendAsync(frame, packet.IsBinary ? WebSocketMessageType.Binary : WebSocketMessageType.Text, flags, CancellationToken.None);
    }

    private void Grow()
    {
        // One byte more than the limit, so that a message past it is seen.
        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(_buffer.Length * 2L, limit + 1L));
        _buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }

    private void Release()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }
    }
}
