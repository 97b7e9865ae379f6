using System.Buffers;
using System.Buffers.Text;

namespace StickyAspire.SocketIO.Engine;

/// <summary>
/// Polling payloads of Engine.IO 4: packets joined by the record separator (0x1E), a binary message as <c>b</c> and base64.
/// </summary>
internal static class PayloadV4
{
    private const byte Separator = 0x1e;
    private const byte BinaryMarker = (byte)'b';

    /// <summary>Reads the next packet and moves <paramref name="payload"/> past it and its separator.</summary>
    public static bool TryRead(ref ReadOnlyMemory<byte> payload, out InboundPacket packet)
    {
        packet = default;
        var end = payload.Span.IndexOf(Separator);
        var current = end < 0 ? payload : payload[..end];
        payload = end < 0 ? default : payload[(end + 1)..];
        if (current.IsEmpty || (end >= 0 && payload.IsEmpty))
        {
            return false;
        }

        var first = current.Span[0];
        if (first == BinaryMarker)
        {
            var encoded = current.Span[1..];
            var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(encoded.Length)];
            if (Base64.DecodeFromUtf8(encoded, bytes, out _, out var written) != OperationStatus.Done)
            {
                return false;
            }

            packet = new InboundPacket(EnginePacketType.Message, bytes.AsMemory(0, written), IsBinary: true);
            return true;
        }

        if (!InboundPacket.TryGetType(first, out var type))
        {
            return false;
        }

        packet = new InboundPacket(type, current[1..], IsBinary: false);
        return true;
    }

    /// <summary>The length in bytes of what <see cref="Write"/> writes.</summary>
    public static long GetLength(List<EnginePacket> packets)
    {
        long length = packets.Count - 1;
        foreach (var packet in packets)
        {
            length += packet.IsBinary ? 1 + Base64.GetMaxEncodedToUtf8Length(packet.Frame.Length) : packet.Frame.Length;
        }

        return length;
    }

    public static void Write(List<EnginePacket> packets, IBufferWriter<byte> output)
    {
        for (var i = 0; i < packets.Count; i++)
        {
            var packet = packets[i];
            if (i > 0)
            {
                output.Write([Separator]);
            }

            if (!packet.IsBinary)
            {
                output.Write(packet.Frame.Span);
                continue;
            }

            var span = output.GetSpan(1 + Base64.GetMaxEncodedToUtf8Length(packet.Frame.Length));
            span[0] = BinaryMarker;
            Base64.EncodeToUtf8(packet.Frame.Span, span[1..], out _, out var written);
            output.Advance(1 + written);
        }
    }
}
