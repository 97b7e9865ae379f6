namespace StickyAspire.Yarp.Tunnels;

/// <summary>
/// Knows where one direction's WebSocket frames begin and end (RFC 6455, 5.2), by reading headers and skipping payloads, in whatever pieces they pass by.
/// Says whether a frame of our own may be put in here, and whether the peer's close frame has passed.
/// </summary>
internal struct FrameTracker
{
    private const byte OpcodeMask = 0x0F;
    private const byte CloseOpcode = 0x08;
    private const byte MaskBit = 0x80;
    private const byte LengthMask = 0x7F;
    private const byte Length16 = 126;
    private const byte Length64 = 127;
    private const int MaskingKeySize = 4;

    /// <summary>Bytes of this frame still to come; its masking key counts as payload.</summary>
    private ulong _rest;
    private Part _next;
    private byte _lengthBytes;
    private bool _isClose;
    private bool _isMasked;

    private enum Part : byte
    {
        Opcode,
        Length,
        ExtendedLength,
        Payload,
    }

    /// <summary>Between two frames. Control frames may stand between the fragments of a message, so this is all there is to know.</summary>
    public readonly bool AtBoundary => _next == Part.Opcode;

    /// <summary>A whole close frame has passed.</summary>
    public bool CloseSeen { get; private set; }

    /// <summary>Looks at the next bytes of the direction.</summary>
    public void Track(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            data = data[TrackPart(data)..];
        }
    }

    /// <summary>Looks at the rest of the frame that has begun.</summary>
    /// <returns>How many bytes that is; nothing between two frames.</returns>
    public int TrackFrame(ReadOnlySpan<byte> data)
    {
        var count = 0;
        while (count < data.Length && !AtBoundary)
        {
            count += TrackPart(data[count..]);
        }

        return count;
    }

    private int TrackPart(ReadOnlySpan<byte> data)
    {
        if (_next != Part.Payload)
        {
            TrackHeader(data[0]);
            return 1;
        }

        var skip = (int)Math.Min(_rest, (ulong)data.Length);
        _rest -= (ulong)skip;
        EndFrameIfDone();
        return skip;
    }

    private void TrackHeader(byte value)
    {
        switch (_next)
        {
            case Part.Opcode:
                _isClose = (value & OpcodeMask) == CloseOpcode;
                _next = Part.Length;
                return;

            case Part.Length:
                _isMasked = (value & MaskBit) != 0;
                var length = (byte)(value & LengthMask);
                _lengthBytes = length switch { Length16 => sizeof(ushort), Length64 => sizeof(ulong), _ => 0 };
                _rest = _lengthBytes == 0 ? length : 0u;
                _next = Part.ExtendedLength;
                break;

            default:
                _rest = (_rest << 8) | value;
                _lengthBytes--;
                break;
        }

        if (_lengthBytes == 0)
        {
            _rest += _isMasked ? MaskingKeySize : 0u;
            _next = Part.Payload;
            EndFrameIfDone();
        }
    }

    private void EndFrameIfDone()
    {
        if (_rest == 0)
        {
            CloseSeen |= _isClose;
            _next = Part.Opcode;
        }
    }
}
