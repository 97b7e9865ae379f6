using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace StickyAspire.SocketIO.Protocol;

/// <summary>The default parser's decoder. Checks all of a packet before anybody sees it; keeps a text only while its attachments are awaited.</summary>
internal sealed class DefaultDecoder(int maxAttachments, int maxDepth) : ISocketIODecoder
{
    private SocketIOPacket? _incomplete;
    private int _received;

    public SocketIODecodeResult Add(ReadOnlyMemory<byte> message, bool isBinary, out SocketIOPacket? packet)
    {
        packet = null;
        if (isBinary != _incomplete is not null)
        {
            return SocketIODecodeResult.Invalid;
        }

        return isBinary ? AddAttachment(message, out packet) : AddText(message, out packet);
    }

    private SocketIODecodeResult AddAttachment(ReadOnlyMemory<byte> message, out SocketIOPacket? packet)
    {
        packet = null;
        var incomplete = _incomplete!;
        incomplete.Attachments[_received++] = message;
        if (_received < incomplete.Attachments.Length)
        {
            return SocketIODecodeResult.NeedsMore;
        }

        _incomplete = null;
        _received = 0;
        packet = incomplete;
        return SocketIODecodeResult.Complete;
    }

    private SocketIODecodeResult AddText(ReadOnlyMemory<byte> message, out SocketIOPacket? packet)
    {
        packet = null;
        if (!TryReadHeader(message.Span, out var type, out var attachments, out var name, out var id, out var length))
        {
            return SocketIODecodeResult.Invalid;
        }

        var data = message[length..];
        var isBinary = type is SocketIOPacketType.BinaryEvent or SocketIOPacketType.BinaryAck;
        if (!IsValid(type, data.Span, attachments))
        {
            return SocketIODecodeResult.Invalid;
        }

        if (!isBinary)
        {
            packet = new SocketIOPacket(WithoutBinary(type), name, data, id: id);
            return SocketIODecodeResult.Complete;
        }

        _incomplete = new SocketIOPacket(WithoutBinary(type), name, data.ToArray(), new ReadOnlyMemory<byte>[attachments], id);
        return SocketIODecodeResult.NeedsMore;
    }

    private static SocketIOPacketType WithoutBinary(SocketIOPacketType type) => type switch
    {
        SocketIOPacketType.BinaryEvent => SocketIOPacketType.Event,
        SocketIOPacketType.BinaryAck => SocketIOPacketType.Ack,
        _ => type,
    };

    private bool TryReadHeader(ReadOnlySpan<byte> text, out SocketIOPacketType type, out int attachments, out string name, out long? id, out int length)
    {
        attachments = 0;
        name = "/";
        id = null;
        length = 1;
        type = text.IsEmpty ? default : (SocketIOPacketType)(text[0] - '0');
        if (text.IsEmpty || text[0] is < (byte)'0' or > (byte)'6')
        {
            return false;
        }

        if (type is SocketIOPacketType.BinaryEvent or SocketIOPacketType.BinaryAck)
        {
            if (!Utf8Parser.TryParse(text[1..], out attachments, out var digits) || attachments <= 0 || attachments > maxAttachments
                || text.Length <= 1 + digits || text[1 + digits] != '-' || !char.IsAsciiDigit((char)text[1]))
            {
                return false;
            }

            length += digits + 1;
        }

        if (length < text.Length && text[length] == '/')
        {
            var end = text[length..].IndexOf((byte)',');
            var bytes = end < 0 ? text[length..] : text.Slice(length, end);
            name = Encoding.UTF8.GetString(bytes);
            length += bytes.Length + (end < 0 ? 0 : 1);
        }

        if (length < text.Length && char.IsAsciiDigit((char)text[length]))
        {
            if (!Utf8Parser.TryParse(text[length..], out long value, out var digits))
            {
                return false;
            }

            id = value;
            length += digits;
        }

        return true;
    }

    private bool IsValid(SocketIOPacketType type, ReadOnlySpan<byte> json, int attachments)
    {
        if (json.IsEmpty)
        {
            return type is SocketIOPacketType.Connect or SocketIOPacketType.Disconnect;
        }

        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = maxDepth });
        try
        {
            return reader.Read() && IsValidStart(type, ref reader) && (attachments > 0 ? PlaceholderCheck.AreValid(ref reader, attachments) : ReadToEnd(ref reader));
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool ReadToEnd(ref Utf8JsonReader reader)
    {
        while (reader.Read())
        {
        }

        return true;
    }

    private static bool IsValidStart(SocketIOPacketType type, ref Utf8JsonReader reader)
    {
        switch (type)
        {
            case SocketIOPacketType.Connect:
                return reader.TokenType == JsonTokenType.StartObject;
            case SocketIOPacketType.ConnectError:
                return reader.TokenType is JsonTokenType.StartObject or JsonTokenType.String;
            case SocketIOPacketType.Ack or SocketIOPacketType.BinaryAck:
                return reader.TokenType == JsonTokenType.StartArray;
            case SocketIOPacketType.Event or SocketIOPacketType.BinaryEvent:
                return reader.TokenType == JsonTokenType.StartArray && reader.Read() && EventNames.IsAllowed(ref reader);
            default:
                return false;
        }
    }
}
