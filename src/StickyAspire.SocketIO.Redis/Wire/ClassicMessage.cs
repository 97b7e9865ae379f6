using System.Buffers;
using System.Text.Json;
using MessagePack;
using StickyAspire.SocketIO.MessagePack;
using StickyAspire.SocketIO.Adapters;
using StickyAspire.SocketIO.Protocol;

namespace StickyAspire.SocketIO.Redis.Wire;

/// <summary>
/// A broadcast as <c>@socket.io/redis-adapter</c> puts it on Redis: MessagePack <c>[uid, {type, data, nsp}, {rooms, except, flags}]</c>.
/// </summary>
internal static class ClassicMessage
{
    private const int EventType = (int)SocketIOPacketType.Event;

    public static byte[] Encode(string uid, SocketIOPacket packet, BroadcastOptions options)
    {
        var buffer = new ArrayBufferWriter<byte>(256 + packet.Data.Length);
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(3);
        writer.Write(uid);
        WritePacket(ref writer, packet);
        WriteOptions(ref writer, options);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads a message, or returns null where it is the reader's own or of another namespace. Throws what MessagePack throws at anything else.</summary>
    public static (SocketIOPacket Packet, BroadcastOptions Options)? Decode(ReadOnlyMemory<byte> message, string ownUid, string @namespace)
    {
        var reader = new MessagePackReader(message);
        if (reader.ReadArrayHeader() < 3)
        {
            throw new MessagePackSerializationException("A broadcast has three parts.");
        }

        if (reader.ReadString() == ownUid || ReadPacket(ref reader, @namespace) is not { } packet)
        {
            return null;
        }

        return (packet, ReadOptions(ref reader));
    }

    private static void WritePacket(ref MessagePackWriter writer, SocketIOPacket packet)
    {
        writer.WriteMapHeader(3);
        writer.Write("type");
        writer.Write(EventType);
        writer.Write("data");
        var json = new Utf8JsonReader(packet.Data.Span, WireJson.ReaderOptions);
        json.Read();
        JsonToMessagePack.Write(ref json, ref writer, packet.Attachments);
        writer.Write("nsp");
        writer.Write(packet.Namespace);
    }

    private static void WriteOptions(ref MessagePackWriter writer, BroadcastOptions options)
    {
        writer.WriteMapHeader(3);
        writer.Write("rooms");
        WriteNames(ref writer, options.Rooms);
        writer.Write("except");
        WriteNames(ref writer, options.Except);
        writer.Write("flags");
        writer.WriteMapHeader((options.IsVolatile ? 1 : 0) + (options.Compress ? 0 : 1));
        if (options.IsVolatile)
        {
            writer.Write("volatile");
            writer.Write(true);
        }

        if (!options.Compress)
        {
            writer.Write("compress");
            writer.Write(false);
        }
    }

    private static void WriteNames(ref MessagePackWriter writer, string[] names)
    {
        writer.WriteArrayHeader(names.Length);
        foreach (var name in names)
        {
            writer.Write(name);
        }
    }

    private static SocketIOPacket? ReadPacket(ref MessagePackReader reader, string expectedNamespace)
    {
        // A missing namespace means the default one.
        var @namespace = "/";
        var data = ReadOnlyMemory<byte>.Empty;
        List<ReadOnlyMemory<byte>> attachments = [];
        for (var count = reader.ReadMapHeader(); count > 0; count--)
        {
            switch (reader.ReadString())
            {
                case "nsp":
                    @namespace = reader.ReadString() ?? "/";
                    break;
                case "data":
                    var buffer = new ArrayBufferWriter<byte>(256);
                    using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
                    {
                        MessagePackToJson.Write(ref reader, json, attachments, WireJson.ReaderOptions.MaxDepth);
                    }

                    data = buffer.WrittenMemory;
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return @namespace == expectedNamespace ? new SocketIOPacket(SocketIOPacketType.Event, @namespace, data, [.. attachments]) : null;
    }

    private static BroadcastOptions ReadOptions(ref MessagePackReader reader)
    {
        var options = new BroadcastOptions();
        for (var count = reader.ReadMapHeader(); count > 0; count--)
        {
            options = reader.ReadString() switch
            {
                "rooms" => options with { Rooms = ReadNames(ref reader) },
                "except" => options with { Except = ReadNames(ref reader) },
                "flags" => ReadFlags(ref reader, options),
                _ => Skip(ref reader, options),
            };
        }

        return options;
    }

    private static string[] ReadNames(ref MessagePackReader reader)
    {
        if (reader.TryReadNil())
        {
            return [];
        }

        var names = new List<string>();
        for (var count = reader.ReadArrayHeader(); count > 0; count--)
        {
            // Old emitters write a number where a room's name is one.
            names.Add(reader.NextMessagePackType == MessagePackType.Integer
                ? reader.ReadInt64().ToString(System.Globalization.CultureInfo.InvariantCulture)
                : reader.ReadString() ?? "");
        }

        return [.. names];
    }

    private static BroadcastOptions ReadFlags(ref MessagePackReader reader, BroadcastOptions options)
    {
        if (reader.TryReadNil())
        {
            return options;
        }

        for (var count = reader.ReadMapHeader(); count > 0; count--)
        {
            var name = reader.ReadString();
            if (reader.NextMessagePackType != MessagePackType.Boolean)
            {
                reader.Skip();
                continue;
            }

            var value = reader.ReadBoolean();
            options = name switch
            {
                "volatile" => options with { IsVolatile = value },
                "compress" => options with { Compress = value },
                _ => options,
            };
        }

        return options;
    }

    private static BroadcastOptions Skip(ref MessagePackReader reader, BroadcastOptions options)
    {
        reader.Skip();
        return options;
    }
}
