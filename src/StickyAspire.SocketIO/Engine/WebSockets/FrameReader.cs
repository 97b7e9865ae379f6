using System.Buffers;
using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Text.Unicode;

namespace StickyAspire.SocketIO.Engine;

/// <summary>Turns a client's bytes into messages, within one pooled buffer that is only there while bytes are.</summary>
/// <param name="limit">The largest message, in bytes.</param>
internal sealed class FrameReader(int limit) : IDisposable
{
    /// <summary>Enough for the header and payload of most messages, and a size that the pool has at hand.</summary>
    private const int InitialSize = 4096;

    private byte[] _buffer = [];
    private int _start;
    private int _end;
    private byte[] _fragments = [];
    private int _fragmentsLength;
    private WebSocketMessageKind? _fragmented;
    private byte[]? _ping;
    private bool _isSkipping;
    private bool _isClosed;
    private long _skip;

    /// <summary>Whether no byte waits for the rest of its frame.</summary>
    public bool IsEmpty => _start == _end;

    /// <summary>Whether a ping is to be answered.</summary>
    public bool HasPing => Volatile.Read(ref _ping) is not null;

    /// <summary>Room for what comes next.</summary>
    public Memory<byte> GetMemory()
    {
        if (_buffer.Length == 0)
        {
            _buffer = ArrayPool<byte>.Shared.Rent(InitialSize);
        }

        if (_end == _buffer.Length)
        {
            // By doubling, not at once to what the header claims: memory follows the bytes that have really come.
            var target = _start > 0 ? _buffer : ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
            _buffer.AsSpan(_start, _end - _start).CopyTo(target);
            _end -= _start;
            _start = 0;
            if (target != _buffer)
            {
                ArrayPool<byte>.Shared.Return(_buffer);
                _buffer = target;
            }
        }

        return _buffer.AsMemory(_end);
    }

    public void Advance(int count) => _end += count;

    /// <summary>The payload of the last ping that has not been answered; null if there is none. For the writer.</summary>
    public byte[]? TakePing() => Interlocked.Exchange(ref _ping, null);

    /// <summary>Gives the buffer back, if nothing is in it.</summary>
    public void Release()
    {
        if (IsEmpty && _buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
            _start = _end = 0;
        }

        if (_fragmented is null && _fragments.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_fragments);
            _fragments = [];
        }
    }

    /// <summary>From now on no message is read but a close frame, whatever the size of those before it.</summary>
    public void SkipToClose()
    {
        _isSkipping = true;
        _fragmented = null;
    }

    /// <summary>The next whole message, good until the next call of any method.</summary>
    /// <exception cref="WebSocketViolation">What has come breaks the rules.</exception>
    public bool TryRead(out WebSocketMessage message)
    {
        if (_isSkipping)
        {
            return TrySkip(out message);
        }

        while (FrameHeader.TryRead(_buffer.AsSpan(_start, _end - _start), out var header))
        {
            Check(header);
            var length = (int)header.PayloadLength;
            if (_end - _start < header.HeaderLength + length)
            {
                break;
            }

            var payload = _buffer.AsMemory(_start + header.HeaderLength, length);
            FrameMask.Remove(payload.Span, header.Mask);
            _start += header.HeaderLength + length;
            if (TryComplete(header, payload, out message))
            {
                return true;
            }
        }

        message = default;
        return false;
    }

    public void Dispose()
    {
        _start = _end;
        _fragmented = null;
        Release();
    }

    private bool TrySkip(out WebSocketMessage close)
    {
        close = WebSocketMessage.Closed;
        while (!_isClosed)
        {
            var skipped = (int)Math.Min(_skip, _end - _start);
            _skip -= skipped;
            _start += skipped;
            if (_skip > 0 || !FrameHeader.TryRead(_buffer.AsSpan(_start, _end - _start), out var header))
            {
                return false;
            }

            _isClosed = header.Opcode == FrameHeader.Close;
            _start += header.HeaderLength;
            _skip = header.PayloadLength;
        }

        return true;
    }

    private void Check(FrameHeader header)
    {
        if (header.IsControl)
        {
            return;
        }

        if (header.Opcode == FrameHeader.Continuation != _fragmented is not null)
        {
            throw new WebSocketViolation(WebSocketCloseStatus.ProtocolError, "A fragmented message is out of order.");
        }

        if (header.PayloadLength > limit - _fragmentsLength)
        {
            throw new WebSocketViolation(WebSocketCloseStatus.MessageTooBig, "The message is larger than allowed.");
        }
    }

    private bool TryComplete(FrameHeader header, ReadOnlyMemory<byte> payload, out WebSocketMessage message)
    {
        message = default;
        switch (header.Opcode)
        {
            case FrameHeader.Ping:
                // Of several unanswered pings the last is enough (RFC 6455, section 5.5.3), and so no flood of them takes memory.
                Volatile.Write(ref _ping, payload.ToArray());
                message = new WebSocketMessage(WebSocketMessageKind.Ping, payload);
                return true;
            case FrameHeader.Pong:
                return false;
            case FrameHeader.Close:
                _isClosed = true;
                CheckClose(payload.Span);
                message = new WebSocketMessage(WebSocketMessageKind.Close, payload);
                return true;
            case FrameHeader.Continuation:
                Append(payload.Span);
                break;
            default:
                var kind = header.Opcode == FrameHeader.Text ? WebSocketMessageKind.Text : WebSocketMessageKind.Binary;
                if (header.IsFinal)
                {
                    message = Create(kind, payload);
                    return true;
                }

                _fragmented = kind;
                Append(payload.Span);
                break;
        }

        if (!header.IsFinal)
        {
            return false;
        }

        message = Create(_fragmented!.Value, _fragments.AsMemory(0, _fragmentsLength));
        _fragmented = null;
        _fragmentsLength = 0;
        return true;
    }

    private static WebSocketMessage Create(WebSocketMessageKind kind, ReadOnlyMemory<byte> payload) =>
        kind == WebSocketMessageKind.Text && !Utf8.IsValid(payload.Span)
            ? throw new WebSocketViolation(WebSocketCloseStatus.InvalidPayloadData, "A text is not UTF-8.")
            : new WebSocketMessage(kind, payload);

    private void Append(ReadOnlySpan<byte> payload)
    {
        var length = _fragmentsLength + payload.Length;
        if (length > _fragments.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(length, (int)Math.Min(limit, _fragments.Length * 2L)));
            _fragments.AsSpan(0, _fragmentsLength).CopyTo(larger);
            if (_fragments.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(_fragments);
            }

            _fragments = larger;
        }

        payload.CopyTo(_fragments.AsSpan(_fragmentsLength));
        _fragmentsLength = length;
    }

    private static void CheckClose(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty)
        {
            return;
        }

        var status = payload.Length > 1 ? BinaryPrimitives.ReadUInt16BigEndian(payload) : 0;
        if (status is not (>= 1000 and <= 1003 or >= 1007 and <= 1014 or >= 3000 and <= 4999))
        {
            throw new WebSocketViolation(WebSocketCloseStatus.ProtocolError, "The close status is not one that may be sent.");
        }

        if (!Utf8.IsValid(payload[2..]))
        {
            throw new WebSocketViolation(WebSocketCloseStatus.InvalidPayloadData, "The close reason is not UTF-8.");
        }
    }
}
