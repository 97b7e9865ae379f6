using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using MessagePack;
using StickyAspire.SocketIO.Protocol;

namespace StickyAspire.SocketIO.MessagePack;

/// <summary>Decodes one client's messages, and checks all of a packet before anybody sees it.</summary>
internal sealed class MessagePackDecoder(int maxDepth) : ISocketIODecoder
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public SocketIODecodeResult Add(ReadOnlyMemory<byte> message, bool isBinary, out SocketIOPacket? packet)
    {
        packet = null;
        if (!isBinary)
        {
            return SocketIODecodeResult.Invalid;
        }

        try
        {
            packet = Read(message);
        }
        catch (Exception exception) when (exception is MessagePackSerializationException or EndOfStreamException or InvalidOperationException or OverflowException or ArgumentException)
        {
            // Whatever the reader finds wrong with a message is the client's doing.
        }

        return packet is null ? SocketIODecodeResult.Invalid : SocketIODecodeResult.Complete;
    }

    private SocketIOPacket? Read(ReadOnlyMemory<byte> message)
    {
        var reader = new MessagePackReader(message);
        var type = -1;
        string? nsp = null;
        long? id = null;
        byte[] data = [];
        var attachments = new List<ReadOnlyMemory<byte>>();
        for (var count = reader.ReadMapHeader(); count > 0; count--)
        {
            switch (reader.ReadString())
            {
                case "type":
                    type = reader.ReadInt32();
                    break;
                case "nsp":
                    nsp = reader.ReadString();
                    break;
                case "id" when reader.NextMessagePackType == MessagePackType.Integer:
                    id = reader.ReadInt64();
                    break;
                case "data":
                    attachments.Clear();
                    data = ReadData(ref reader, attachments);
                    break;
                default:
                    // Clients send their flags along as "options", and an absent id as an extension that stands for undefined.
                    reader.Skip();
                    break;
            }
        }

        return reader.End && nsp is ['/', ..] && (id is null or >= 0) && IsValid(type, data) ? new SocketIOPacket((SocketIOPacketType)type, nsp, data, [.. attachments], id) : null;
    }

    private byte[] ReadData(ref MessagePackReader reader, List<ReadOnlyMemory<byte>> attachments)
    {
        if (reader.NextMessagePackType is MessagePackType.Nil or MessagePackType.Extension)
        {
            reader.Skip();
            return [];
        }

        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            MessagePackToJson.Write(ref reader, json, attachments, maxDepth);
        }

        return buffer.WrittenSpan.ToArray();
    }

    private bool IsValid(int type, ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
        {
            return (SocketIOPacketType)type is SocketIOPacketType.Connect or SocketIOPacketType.Disconnect;
        }

        var reader = new Utf8JsonReader(data, new JsonReaderOptions { MaxDepth = maxDepth });
        try
        {
            reader.Read();
            var isValid = (SocketIOPacketType)type switch
            {
                SocketIOPacketType.Connect => reader.TokenType == JsonTokenType.StartObject,
                SocketIOPacketType.ConnectError => reader.TokenType is JsonTokenType.StartObject or JsonTokenType.String,
                SocketIOPacketType.Ack => reader.TokenType == JsonTokenType.StartArray,
                SocketIOPacketType.Event => reader.TokenType == JsonTokenType.StartArray && reader.Read() && EventNames.IsAllowed(ref reader),
                _ => false,
            };
            while (isValid && reader.Read())
            {
                // To the end, for the depth.
            }

            return isValid;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
