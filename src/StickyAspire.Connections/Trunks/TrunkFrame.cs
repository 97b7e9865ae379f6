using System.Buffers.Binary;

namespace StickyAspire.Trunks;

/// <summary>What a trunk's frame says.</summary>
internal enum TrunkFrameType : byte
{
    /// <summary>The gateway begins a stream.</summary>
    Open,

    /// <summary>Bytes of a stream; the value is their number, and they follow.</summary>
    Data,

    /// <summary>The reader has taken as many bytes more as the value says; the writer may send as many more.</summary>
    Credit,

    /// <summary>The sender has written its last byte, and still reads.</summary>
    Finish,

    /// <summary>The sender has written its last byte, and reads no more.</summary>
    Close,

    /// <summary>The sender has cut the stream; the value is 1 where it never came to be, so that it may be tried elsewhere.</summary>
    Reset,

    /// <summary>To be answered by a <see cref="Pong"/>.</summary>
    Ping,

    Pong,

    /// <summary>The server opens no more streams; those that are open go on.</summary>
    Leave,
}

/// <summary>The head of a frame: one byte for the type, three for its value, four for the stream, in network order.</summary>
/// <param name="Type">What it says.</param>
/// <param name="Value">By the type; else 0.</param>
/// <param name="Stream">The stream's number, which the gateway has given it; 0 where it is about the trunk.</param>
internal readonly record struct TrunkFrame(TrunkFrameType Type, int Value, uint Stream)
{
    public const int Size = 8;

    public const int MaxValue = 0xFF_FFFF;

    private const int TypeShift = 24;

    public static TrunkFrame Read(ReadOnlySpan<byte> bytes)
    {
        var first = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        return new((TrunkFrameType)(first >> TypeShift), (int)(first & MaxValue), BinaryPrimitives.ReadUInt32BigEndian(bytes[sizeof(uint)..]));
    }

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt32BigEndian(bytes, ((uint)Type << TypeShift) | (uint)Value);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[sizeof(uint)..], Stream);
    }
}
