using System.Buffers.Binary;
using System.Security.Cryptography;

namespace StickyAspire.Yarp.Tunnels;

/// <summary>Close frames of the gateway's own (RFC 6455, 5.5.1), without a reason text.</summary>
internal static class CloseFrame
{
    /// <summary>1001, Going Away: "a server going down".</summary>
    public const ushort GoingAway = 1001;

    /// <summary>The size of a frame to a client.</summary>
    public const int Size = 4;

    /// <summary>The size of a frame to a server, which has a masking key.</summary>
    public const int MaskedSize = 8;

    private const byte FinAndClose = 0x88;
    private const byte MaskBit = 0x80;
    private const byte CodeSize = sizeof(ushort);

    public static void Write(Span<byte> frame, ushort code)
    {
        frame[0] = FinAndClose;
        frame[1] = CodeSize;
        BinaryPrimitives.WriteUInt16BigEndian(frame[2..], code);
    }

    /// <summary>A client's frames are masked, with a key that nobody can foresee (5.3).</summary>
    public static void WriteMasked(Span<byte> frame, ushort code)
    {
        frame[0] = FinAndClose;
        frame[1] = MaskBit | CodeSize;
        var key = frame.Slice(2, 4);
        RandomNumberGenerator.Fill(key);
        frame[6] = (byte)((code >> 8) ^ key[0]);
        frame[7] = (byte)(code ^ key[1]);
    }
}
