using System.Buffers.Binary;
using System.Net.WebSockets;

namespace StickyAspire.SocketIO.Engine;

/// <summary>The header of a WebSocket frame (RFC 6455, section 5.2).</summary>
/// <param name="IsFinal">Whether the message ends with this frame.</param>
/// <param name="Opcode">What the frame is.</param>
/// <param name="Mask">The masking key, as its four bytes lie in memory.</param>
/// <param name="HeaderLength">How long the header is.</param>
/// <param name="PayloadLength">How long the payload is.</param>
internal readonly record struct FrameHeader(bool IsFinal, byte Opcode, uint Mask, int HeaderLength, long PayloadLength)
{
    public const byte Continuation = 0x0;
    public const byte Text = 0x1;
    public const byte Binary = 0x2;
    public const byte Close = 0x8;
    public const byte Ping = 0x9;
    public const byte Pong = 0xA;

    /// <summary>The most that a header of ours takes.</summary>
    public const int MaxOutboundLength = 10;

    /// <summary>The most that a control frame may carry.</summary>
    public const int MaxControlPayload = 125;

    private const byte Final = 0x80;
    private const byte Reserved = 0x70;
    private const byte Masked = 0x80;
    private const int Length16 = 126;
    private const int Length64 = 127;
    private const int MaskLength = 4;

    public bool IsControl => Opcode >= Close;

    /// <summary>Reads a client's header. False if not all of it is here yet.</summary>
    /// <exception cref="WebSocketViolation">It is not what a client may send to one that has agreed to no extension.</exception>
    public static bool TryRead(ReadOnlySpan<byte> data, out FrameHeader header)
    {
        header = default;
        if (data.Length < 2)
        {
            return false;
        }

        var first = data[0];
        var opcode = (byte)(first & 0xF);
        var shortLength = data[1] & 0x7F;
        if ((first & Reserved) != 0)
        {
            throw Violation("A reserved bit is set.");
        }

        if (opcode is > Binary and < Close or > Pong)
        {
            throw Violation("The opcode is not known.");
        }

        if ((data[1] & Masked) == 0)
        {
            throw Violation("A client's frame is not masked.");
        }

        if (opcode >= Close && (shortLength > MaxControlPayload || (first & Final) == 0))
        {
            throw Violation("A control frame is fragmented, or too long.");
        }

        var headerLength = 2 + MaskLength + shortLength switch { Length16 => 2, Length64 => 8, _ => 0 };
        if (data.Length < headerLength)
        {
            return false;
        }

        var length = shortLength switch
        {
            Length16 => BinaryPrimitives.ReadUInt16BigEndian(data[2..]),
            Length64 => BinaryPrimitives.ReadInt64BigEndian(data[2..]),
            _ => shortLength,
        };
        if (length < 0)
        {
            throw Violation("The length's first bit is set.");
        }

        var mask = System.Runtime.InteropServices.MemoryMarshal.Read<uint>(data[(headerLength - MaskLength)..]);
        header = new FrameHeader((first & Final) != 0, opcode, mask, headerLength, length);
        return true;
    }

    /// <summary>Writes the header of an unfragmented, unmasked frame, and returns its length.</summary>
    public static int Write(Span<byte> target, byte opcode, int payloadLength)
    {
        target[0] = (byte)(Final | opcode);
        switch (payloadLength)
        {
            case < Length16:
                target[1] = (byte)payloadLength;
                return 2;
            case <= ushort.MaxValue:
                target[1] = Length16;
                BinaryPrimitives.WriteUInt16BigEndian(target[2..], (ushort)payloadLength);
                return 4;
            default:
                target[1] = Length64;
                BinaryPrimitives.WriteInt64BigEndian(target[2..], payloadLength);
                return MaxOutboundLength;
        }
    }

    private static WebSocketViolation Violation(string message) => new(WebSocketCloseStatus.ProtocolError, message);
}
