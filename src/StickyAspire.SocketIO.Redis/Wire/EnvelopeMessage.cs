using System.Buffers;
using System.Text.Json;
using StickyAspire.SocketIO.Adapters;
using StickyAspire.SocketIO.Protocol;
using StickyAspire.SocketIO.Redis.Cluster;

namespace StickyAspire.SocketIO.Redis.Wire;

/// <summary>
/// Messages as Node's cluster adapters write them (sharded; streams' requests and answers): a map of <c>uid</c>, <c>nsp</c>, <c>type</c> and <c>data</c>. JSON, or
/// MessagePack where bytes are in it.
/// </summary>
internal static class EnvelopeMessage
{
    public static byte[] Encode(ClusterMessage message, string nsp, bool alwaysMessagePack)
    {
        var buffer = new ArrayBufferWriter<byte>(256 + (message.Packet?.Data.Length ?? 0));
        using (var writer = new Utf8JsonWriter(buffer, WireJson.WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteString("uid", message.Uid);
            writer.WriteString("nsp", nsp);
            writer.WriteNumber("type", (int)message.Type);
            writer.WritePropertyName("data");
            WriteData(writer, message);
            writer.WriteEndObject();
        }

        var attachments = message.Packet?.Attachments ?? [];
        return alwaysMessagePack || attachments.Length > 0 ? WireMessagePack.FromJson(buffer.WrittenSpan, attachments) : buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads a message; null where it is the reader's own or of another namespace. Throws what JSON and MessagePack throw at anything else.</summary>
    public static ClusterMessage? Decode(ReadOnlyMemory<byte> message, string nsp, string ownUid)
    {
        var json = WireMessagePack.ToJson(message, out var attachments);
        var reader = WireJson.CreateReader(json);
        reader.Read();
        string? uid = null;
        string? name = null;
        var type = 0;
        ReadOnlyMemory<byte> data = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var property = reader.GetString();
            reader.Read();
            switch (property)
            {
                case "uid":
                    uid = reader.GetString();
                    break;
                case "nsp":
                    name = reader.GetString();
                    break;
                case "type":
                    type = reader.GetInt32();
                    break;
                case "data":
                    data = WireJson.ReadRaw(ref reader, json);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return uid is null || uid == ownUid || name != nsp ? null : DecodeData((ClusterMessageType)type, uid, nsp, data, attachments);
    }

    /// <summary>What a message says, without its envelope, as JSON with placeholders.</summary>
    public static ReadOnlyMemory<byte> EncodeData(ClusterMessage message)
    {
        var buffer = new ArrayBufferWriter<byte>(256 + (message.Packet?.Data.Length ?? 0));
        using (var writer = new Utf8JsonWriter(buffer, WireJson.WriterOptions))
        {
            WriteData(writer, message);
        }

        return buffer.WrittenMemory;
    }

    private static void WriteData(Utf8JsonWriter writer, ClusterMessage message)
    {
        writer.WriteStartObject();
        if (message.Type is ClusterMessageType.Broadcast or ClusterMessageType.Join or ClusterMessageType.Leave or ClusterMessageType.Disconnect or ClusterMessageType.FetchSockets)
        {
            writer.WritePropertyName("opts");
            BroadcastOptionsJson.Write(writer, message.Options);
        }

        if (message.RequestId is { } id)
        {
            writer.WriteString("requestId", id);
        }

        switch (message.Type)
        {
            case ClusterMessageType.Broadcast:
                writer.WriteStartObject("packet");
                writer.WriteNumber("type", (int)SocketIOPacketType.Event);
                writer.WritePropertyName("data");
                writer.WriteRawValue(message.Packet!.Data.Span, skipInputValidation: true);
                writer.WriteEndObject();
                break;
            case ClusterMessageType.Join or ClusterMessageType.Leave:
                WireJson.WriteNames(writer, "rooms", message.Names);
                break;
            case ClusterMessageType.Disconnect:
                writer.WriteBoolean("close", message.Close);
                break;
            case ClusterMessageType.FetchSocketsResponse:
                RemoteSocketsJson.Write(writer, "sockets", message.Sockets);
                break;
            case ClusterMessageType.ServerSideEmit:
                writer.WritePropertyName("packet");
                writer.WriteRawValue(message.Packet!.Data.Span, skipInputValidation: true);
                break;
            case ClusterMessageType.ClientCount:
                writer.WriteNumber("clientCount", message.ClientCount);
                break;
            case ClusterMessageType.ServerSideEmitResponse or ClusterMessageType.ClientAck:
                WireJson.WriteFirst(writer, "packet", message.Packet!);
                break;
        }

        writer.WriteEndObject();
    }

    /// <summary>Reads what a message of that type says. Null for types that there are not.</summary>
    public static ClusterMessage? DecodeData(ClusterMessageType type, string uid, string nsp, ReadOnlyMemory<byte> data, ReadOnlyMemory<byte>[] attachments)
    {
        var message = new ClusterMessage(type) { Uid = uid };
        if (data.IsEmpty)
        {
            return null;
        }

        var reader = WireJson.CreateReader(data);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var property = reader.GetString();
            reader.Read();
            message = property switch
            {
                "opts" => message with { Options = BroadcastOptionsJson.Read(ref reader) },
                "requestId" => message with { RequestId = reader.GetString() },
                "packet" => message with { Packet = ReadPacket(type, ref reader, data, nsp, attachments) },
                "rooms" => message with { Names = WireJson.ReadNames(ref reader) },
                "close" => message with { Close = reader.TokenType == JsonTokenType.True },
                "sockets" => message with { Sockets = RemoteSocketsJson.Read(ref reader) },
                "clientCount" => message with { ClientCount = reader.GetInt32() },
                _ => Skip(ref reader, message),
            };
        }

        return IsComplete(message) ? message : null;
    }

    private static bool IsComplete(ClusterMessage message) => message.Type switch
    {
        ClusterMessageType.Broadcast or ClusterMessageType.ServerSideEmit => message.Packet is { Data.IsEmpty: false },
        ClusterMessageType.FetchSockets or ClusterMessageType.FetchSocketsResponse or ClusterMessageType.ClientCount => message.RequestId is not null,
        ClusterMessageType.ClientAck or ClusterMessageType.ServerSideEmitResponse => message.RequestId is not null,
        ClusterMessageType.Join or ClusterMessageType.Leave or ClusterMessageType.Disconnect => true,
        _ => false,
    };

    private static SocketIOPacket ReadPacket(ClusterMessageType type, ref Utf8JsonReader reader, ReadOnlyMemory<byte> data, string nsp, ReadOnlyMemory<byte>[] attachments)
    {
        switch (type)
        {
            case ClusterMessageType.Broadcast:
                return new SocketIOPacket(SocketIOPacketType.Event, nsp, ReadEventData(ref reader, data), attachments);
            case ClusterMessageType.ServerSideEmit:
                return new SocketIOPacket(SocketIOPacketType.Event, nsp, WireJson.ReadRaw(ref reader, data), attachments);
            default:
                return CreateAck(WireJson.ReadRaw(ref reader, data), nsp, attachments);
        }
    }

    /// <summary>The <c>data</c> of a packet of <c>type</c> and <c>data</c>.</summary>
    public static ReadOnlyMemory<byte> ReadEventData(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json)
    {
        ReadOnlyMemory<byte> result = default;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return result;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isData = reader.ValueTextEquals("data");
            reader.Read();
            var raw = WireJson.ReadRaw(ref reader, json);
            result = isData ? raw : result;
        }

        return result;
    }

    /// <summary>An answer of one argument.</summary>
    public static SocketIOPacket CreateAck(ReadOnlyMemory<byte> argument, string nsp, ReadOnlyMemory<byte>[] attachments)
    {
        var array = new byte[argument.Length + 2];
        array[0] = (byte)'[';
        argument.Span.CopyTo(array.AsSpan(1));
        array[^1] = (byte)']';
        return new SocketIOPacket(SocketIOPacketType.Ack, nsp, array, attachments);
    }

    private static ClusterMessage Skip(ref Utf8JsonReader reader, ClusterMessage message)
    {
        reader.Skip();
        return message;
    }
}
