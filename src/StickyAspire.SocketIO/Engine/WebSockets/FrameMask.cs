using System.Numerics;
using System.Runtime.InteropServices;

namespace StickyAspire.SocketIO.Engine;

/// <summary>The masking of client frames (RFC 6455, section 5.3).</summary>
internal static class FrameMask
{
    /// <summary>Takes the mask off, in place.</summary>
    public static void Remove(Span<byte> payload, uint mask)
    {
        var done = 0;
        if (payload.Length >= Vector<byte>.Count)
        {
            var key = Vector.AsVectorByte(new Vector<uint>(mask));
            var vectors = MemoryMarshal.Cast<byte, Vector<byte>>(payload);
            foreach (ref var vector in vectors)
            {
                vector ^= key;
            }

            // Vectors are whole numbers of keys, so what is left begins with the key's first byte.
            done = vectors.Length * Vector<byte>.Count;
        }

        var rest = payload[done..];
        var words = MemoryMarshal.Cast<byte, uint>(rest);
        foreach (ref var word in words)
        {
            word ^= mask;
        }

        var bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<uint>(in mask));
        for (var i = words.Length * sizeof(uint); i < rest.Length; i++)
        {
            rest[i] ^= bytes[i & 3];
        }
    }
}
