using System.Buffers;
using System.Buffers.Binary;
using System.Net.WebSockets;

namespace StickyAspire.SocketIO.Engine;

/// <summary>
/// A WebSocket without extensions, on the upgraded connection itself. It reads a client's frames where they lie, and gathers all packets that are to go
/// out into one write; the framework's own WebSocket copies, locks and flushes for each.
/// </summary>
internal abstract class FrameLink(int limit) : WebSocketLink
{
    private const int InitialSize = 512;

    /// <summary>Beyond this no more is gathered, so that a slow client's packets wait in the session, where they are counted.</summary>
    private const int FullSize = 32 * 1024;

    /// <summary>Frames from this size on are sent from where they are, not copied.</summary>
    private const int LargeFrame = 16 * 1024;

    private byte[] _output = [];
    private int _length;
    private ReadOnlyMemory<byte> _large;

    /// <summary>Where what is read goes.</summary>
    protected FrameReader Reader { get; } = new(limit);

    public override bool HasControl => Reader.HasPing || base.HasControl;

    public override bool IsFull => _length >= FullSize || !_large.IsEmpty;

    public override bool TryReceive(out WebSocketMessage message) => Reader.TryRead(out message);

    public override async ValueTask DrainAsync()
    {
        Reader.SkipToClose();
        try
        {
            await ReceiveAsync();
        }
        catch (WebSocketViolation)
        {
            // Where the next frame begins is not known.
        }
    }

    public override void Write(EnginePacket packet, bool hasTypeByte)
    {
        if (IsCloseSent)
        {
            return;
        }

        var prefix = packet.IsBinary && hasTypeByte ? 1 : 0;
        var frame = packet.Frame;
        var isLarge = frame.Length >= LargeFrame;
        var span = GetSpan(FrameHeader.MaxOutboundLength + prefix + (isLarge ? 0 : frame.Length));
        var written = FrameHeader.Write(span, packet.IsBinary ? FrameHeader.Binary : FrameHeader.Text, prefix + frame.Length);
        if (prefix > 0)
        {
            span[written++] = EnginePacketType.Message - EnginePacketType.Open;
        }

        if (isLarge)
        {
            _large = frame;
        }
        else
        {
            frame.Span.CopyTo(span[written..]);
            written += frame.Length;
        }

        _length += written;
    }

    public override ValueTask FlushAsync()
    {
        if (_large.IsEmpty)
        {
            WriteControl();
            var task = WriteAsync(_output.AsMemory(0, _length));
            if (task.IsCompletedSuccessfully)
            {
                Release();
                return ValueTask.CompletedTask;
            }

            return FinishAsync(task);
        }

        return FinishAsync(WriteAsync(_output.AsMemory(0, _length)));
    }

    public override ValueTask DisposeAsync()
    {
        Reader.Dispose();
        Release();
        return ValueTask.CompletedTask;
    }

    /// <summary>Sends bytes, which may be changed once it has completed.</summary>
    protected abstract ValueTask WriteAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>For a client that has gone without a close frame: it gets none either, and nothing else.</summary>
    protected WebSocketMessage End()
    {
        IsCloseSent = true;
        return WebSocketMessage.Closed;
    }

    private async ValueTask FinishAsync(ValueTask written)
    {
        await written;
        if (!_large.IsEmpty)
        {
            await WriteAsync(_large);
        }

        Release();
    }

    /// <summary>The connection's own frames, after the packets.</summary>
    private void WriteControl()
    {
        if (!IsCloseSent && Reader.TakePing() is { } ping)
        {
            var span = GetSpan(FrameHeader.MaxOutboundLength + ping.Length);
            var header = FrameHeader.Write(span, FrameHeader.Pong, ping.Length);
            ping.CopyTo(span[header..]);
            _length += header + ping.Length;
        }

        if (IsCloseWaiting)
        {
            IsCloseSent = true;
            var span = GetSpan(FrameHeader.MaxOutboundLength + sizeof(ushort));
            var header = FrameHeader.Write(span, FrameHeader.Close, sizeof(ushort));
            BinaryPrimitives.WriteUInt16BigEndian(span[header..], (ushort)CloseStatus);
            _length += header + sizeof(ushort);
        }
    }

    private Span<byte> GetSpan(int size)
    {
        if (_output.Length - _length < size)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(InitialSize, Math.Max(_length + size, _output.Length * 2)));
            _output.AsSpan(0, _length).CopyTo(larger);
            if (_output.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(_output);
            }

            _output = larger;
        }

        return _output.AsSpan(_length);
    }

    private void Release()
    {
        _length = 0;
        _large = default;
        if (_output.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_output);
            _output = [];
        }
    }
}
