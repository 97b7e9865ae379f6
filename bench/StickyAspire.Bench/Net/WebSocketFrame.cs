using System.Buffers.Binary;
using System.Security.Cryptography;

namespace StickyAspire.Bench.Net;

/// <summary>Finished frames, masked as a client's must be. Made once, sent as often as wanted.</summary>
internal static class WebSocketFrame
{
    private const int MaxShort = 125;

    public static byte[] Text(ReadOnlySpan<byte> payload) => Create(0x81, payload);

    public static byte[] Pong(ReadOnlySpan<byte> payload) => Create(0x8A, payload);

    private static byte[] Create(byte first, ReadOnlySpan<byte> payload)
    {
        var isShort = payload.Length <= MaxShort;
        var header = isShort ? 6 : 8;
        var frame = new byte[header + payload.Length];
        frame[0] = first;
        frame[1] = (byte)(0x80 | (isShort ? payload.Length : 126));
        if (!isShort)
        {
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), checked((ushort)payload.Length));
        }

        var key = frame.AsSpan(header - 4, 4);
        RandomNumberGenerator.Fill(key);
        for (var i = 0; i < payload.Length; i++)
        {
            frame[header + i] = (byte)(payload[i] ^ key[i & 3]);
        }

        return frame;
    }
}
