using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace StickyAspire.SocketIO.Engine;

/// <summary>
/// Polling payloads of Engine.IO 3. As text: <c>length:packet</c>, the length in UTF-16 units and a binary message as <c>b4</c> and base64.
/// As bytes: 0 (text) or 1 (binary), the length's decimal digits each as a byte, 255, and the packet.
/// </summary>
internal static class PayloadV3
{
    private const int MaxLengthDigits = 10;

    public static bool TryRead(ref ReadOnlyMemory<byte> payload, bool isBinary, out InboundPacket packet) =>
        isBinary ? TryReadBinary(ref payload, out packet) : TryReadText(ref payload, out packet);

    private static bool TryReadText(ref ReadOnlyMemory<byte> payload, out InboundPacket packet)
    {
        packet = default;
        var span = payload.Span;
        var colon = span[..Math.Min(span.Length, MaxLengthDigits + 1)].IndexOf((byte)':');
        if (colon <= 0 || !Utf8Parser.TryParse(span[..colon], out int units, out var digits) || digits != colon || units <= 0)
        {
            return false;
        }

        var rest = span[(colon + 1)..];
        var length = 0;
        while (units > 0)
        {
            if (Rune.DecodeFromUtf8(rest[length..], out var rune, out var consumed) != OperationStatus.Done || rune.Utf16SequenceLength > units)
            {
                return false;
            }

            units -= rune.Utf16SequenceLength;
            length += consumed;
        }

        var current = payload.Slice(colon + 1, length);
        payload = payload[(colon + 1 + length)..];
        return TryParse(current, out packet);
    }

    private static bool TryParse(ReadOnlyMemory<byte> current, out InboundPacket packet)
    {
        packet = default;
        var isBase64 = current.Span[0] == (byte)'b';
        if (isBase64)
        {
            current = current[1..];
        }

        if (current.IsEmpty || !InboundPacket.TryGetType(current.Span[0], out var type))
        {
            return false;
        }

        var data = current[1..];
        if (isBase64)
        {
            var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(data.Length)];
            if (Base64.DecodeFromUtf8(data.Span, bytes, out _, out var written) != OperationStatus.Done)
            {
                return false;
            }

            data = bytes.AsMemory(0, written);
        }

        packet = new InboundPacket(type, data, isBase64);
        return true;
    }

    private static bool TryReadBinary(ref ReadOnlyMemory<byte> payload, out InboundPacket packet)
    {
        packet = default;
        var span = payload.Span;
        var marker = span[0];
        var end = span[..Math.Min(span.Length, MaxLengthDigits + 2)].IndexOf((byte)255);
        if (marker > 1 || end < 2)
        {
            return false;
        }

        long length = 0;
        foreach (var digit in span[1..end])
        {
            if (digit > 9)
            {
                return false;
            }

            length = (length * 10) + digit;
        }

        if (length == 0 || length > span.Length - end - 1)
        {
            return false;
        }

        var current = payload.Slice(end + 1, (int)length);
        payload = payload[(end + 1 + (int)length)..];
        if (marker == 0)
        {
            return Utf8.IsValid(current.Span) && TryParse(current, out packet);
        }

        if (current.Span[0] > 6)
        {
            return false;
        }

        // The packet type of a binary packet is a number, not a digit.
        packet = new InboundPacket((EnginePacketType)(current.Span[0] + (byte)'0'), current[1..].ToArray(), IsBinary: true);
        return true;
    }

    /// <summary>Writes the packets as text, or as bytes where one is binary and the client can take it. Returns whether it wrote bytes.</summary>
    public static bool Write(List<EnginePacket> packets, bool base64Only, IBufferWriter<byte> output)
    {
        var asBytes = !base64Only && packets.Exists(packet => packet.IsBinary);
        foreach (var packet in packets)
        {
            if (asBytes)
            {
                WriteBytes(packet, output);
            }
            else
            {
                WriteText(packet, output);
            }
        }

        return asBytes;
    }

    private static void WriteText(EnginePacket packet, IBufferWriter<byte> output)
    {
        if (!packet.IsBinary)
        {
            WriteNumber(Encoding.UTF8.GetCharCount(packet.Frame.Span), output);
            output.Write(packet.Frame.Span);
            return;
        }

        var encodedLength = Base64.GetMaxEncodedToUtf8Length(packet.Frame.Length);
        WriteNumber(2 + encodedLength, output);
        output.Write("b4"u8);
        Base64.EncodeToUtf8(packet.Frame.Span, output.GetSpan(encodedLength), out _, out var written);
        output.Advance(written);
    }

    private static void WriteNumber(int length, IBufferWriter<byte> output)
    {
        var span = output.GetSpan(MaxLengthDigits + 1);
        Utf8Formatter.TryFormat(length, span, out var written);
        span[written] = (byte)':';
        output.Advance(written + 1);
    }

    private static void WriteBytes(EnginePacket packet, IBufferWriter<byte> output)
    {
        var length = packet.IsBinary ? packet.Frame.Length + 1 : packet.Frame.Length;
        WriteByte(packet.IsBinary ? 1 : 0, output);
        foreach (var digit in length.ToString(CultureInfo.InvariantCulture))
        {
            WriteByte(digit - '0', output);
        }

        WriteByte(255, output);
        if (packet.IsBinary)
        {
            WriteByte(EnginePacketType.Message - EnginePacketType.Open, output);
        }

        output.Write(packet.Frame.Span);
    }

    private static void WriteByte(int value, IBufferWriter<byte> output)
    {
        output.GetSpan(1)[0] = (byte)value;
        output.Advance(1);
    }
}
