using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using MessagePack;
using StickyAspire.SocketIO.Adapters;
using StickyAspire.SocketIO.MessagePack;
using StickyAspire.SocketIO.Protocol;
using StickyAspire.SocketIO.Serialization;

namespace StickyAspire.SocketIO.Redis.Wire;

/// <summary>The pieces that messages between servers are made of, as JSON. MessagePack is read and written by way of it: the same fields, bytes in the place of placeholders.</summary>
internal static class WireJson
{
    public static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private const int MaxDepth = 512;

    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = MaxDepth };

    public static bool IsJson(ReadOnlySpan<byte> message) => !message.IsEmpty && message[0] == (byte)'{';

    public static Utf8JsonReader CreateReader(ReadOnlyMemory<byte> json) => new(json.Span, ReaderOptions);

    /// <summary>JSON as MessagePack.</summary>
    public static byte[] ToMessagePack(ReadOnlySpan<byte> json, ReadOnlyMemory<byte>[] attachments)
    {
        var buffer = new ArrayBufferWriter<byte>(json.Length + 64);
        var writer = new MessagePackWriter(buffer);
        var reader = new Utf8JsonReader(json, ReaderOptions);
        reader.Read();
        JsonToMessagePack.Write(ref reader, ref writer, attachments);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>A message as JSON, whichever of the two it is, and the bytes that placeholders in it stand for.</summary>
    public static ReadOnlyMemory<byte> FromEither(ReadOnlyMemory<byte> message, out ReadOnlyMemory<byte>[] attachments)
    {
        if (IsJson(message.Span))
        {
            attachments = [];
            return message;
        }

        var buffer = new ArrayBufferWriter<byte>(message.Length * 2);
        var found = new List<ReadOnlyMemory<byte>>();
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            var reader = new MessagePackReader(message);
            MessagePackToJson.Write(ref reader, writer, found);
        }

        attachments = [.. found];
        return buffer.WrittenMemory;
    }

    public static void WriteOptions(Utf8JsonWriter writer, BroadcastOptions options)
    {
        writer.WriteStartObject();
        WriteNames(writer, "rooms", options.Rooms);
        WriteNames(writer, "except", options.Except);
        writer.WriteStartObject("flags");
        if (options.IsVolatile)
        {
            writer.WriteBoolean("volatile", true);
        }

        if (!options.Compress)
        {
            writer.WriteBoolean("compress", false);
        }

        if (options.Timeout is { } timeout)
        {
            writer.WriteNumber("timeout", (long)timeout.TotalMilliseconds);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    public static void WriteNames(Utf8JsonWriter writer, string property, string[] names)
    {
        writer.WriteStartArray(property);
        foreach (var name in names)
        {
            writer.WriteStringValue(name);
        }

        writer.WriteEndArray();
    }

    public static void WriteSockets(Utf8JsonWriter writer, string property, IReadOnlyList<RemoteSocketInfo> sockets)
    {
        writer.WriteStartArray(property);
        foreach (var socket in sockets)
        {
            writer.WriteStartObject();
            writer.WriteString("id", socket.Id);
            writer.WritePropertyName("handshake");
            socket.Handshake.WriteTo(writer);
            WriteNames(writer, "rooms", [.. socket.Rooms]);
            writer.WritePropertyName("data");
            socket.Data.WriteTo(writer);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <summary>The first of an answer's arguments, which is all of it that travels. Left out where there is none.</summary>
    /// <param name="writer">The message.</param>
    /// <param name="property">The answer's name in it.</param>
    /// <param name="ack">The answer.</param>
    /// <param name="hasAttachments">Whether bytes travel with the message. If not, they are written out.</param>
    public static void WriteFirst(Utf8JsonWriter writer, string property, SocketIOPacket ack, bool hasAttachments = true)
    {
        var reader = CreateReader(ack.Data);
        reader.Read();
        if (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            writer.WritePropertyName(property);
            WriteWithoutAttachments(writer, ReadRaw(ref reader, ack.Data), hasAttachments ? [] : ack.Attachments);
        }
    }

    /// <summary>Writes JSON into a message that can hold no bytes: they become what <c>JSON.stringify</c> makes of Node's Buffer, <c>{"type":"Buffer","data":[…]}</c>.</summary>
    public static void WriteWithoutAttachments(Utf8JsonWriter writer, ReadOnlyMemory<byte> json, ReadOnlyMemory<byte>[] attachments)
    {
        if (attachments.Length == 0)
        {
            writer.WriteRawValue(json.Span, skipInputValidation: true);
            return;
        }

        var reader = CreateReader(json);
        reader.Read();
        CopyWithoutAttachments(ref reader, writer, json, attachments);
    }

    private static void CopyWithoutAttachments(ref Utf8JsonReader reader, Utf8JsonWriter writer, ReadOnlyMemory<byte> json, ReadOnlyMemory<byte>[] attachments)
    {
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            writer.WriteStartArray();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                CopyWithoutAttachments(ref reader, writer, json, attachments);
            }

            writer.WriteEndArray();
            return;
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            writer.WriteRawValue(ReadRaw(ref reader, json).Span, skipInputValidation: true);
            return;
        }

        var ahead = reader;
        if (BinaryJson.TryReadPlaceholder(ref ahead, out var number) && number >= 0 && number < attachments.Length)
        {
            reader = ahead;
            writer.WriteStartObject();
            writer.WriteString("type", "Buffer");
            writer.WriteStartArray("data");
            foreach (var value in attachments[number].Span)
            {
                writer.WriteNumberValue(value);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
            return;
        }

        writer.WriteStartObject();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            writer.WritePropertyName(reader.GetString()!);
            reader.Read();
            CopyWithoutAttachments(ref reader, writer, json, attachments);
        }

        writer.WriteEndObject();
    }

    /// <summary>The value that the reader stands on, as it stands. The reader is left at its last token.</summary>
    public static ReadOnlyMemory<byte> ReadRaw(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return json[start..(int)reader.BytesConsumed];
    }

    public static BroadcastOptions ReadOptions(ref Utf8JsonReader reader)
    {
        var options = new BroadcastOptions();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return options;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("rooms"))
            {
                reader.Read();
                options = options with { Rooms = ReadNames(ref reader) };
            }
            else if (reader.ValueTextEquals("except"))
            {
                reader.Read();
                options = options with { Except = ReadNames(ref reader) };
            }
            else if (reader.ValueTextEquals("flags"))
            {
                reader.Read();
                options = ReadFlags(ref reader, options);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return options;
    }

    /// <summary>Names of rooms. Old emitters write a number where a room's name is one, and a null for none.</summary>
    public static string[] ReadNames(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return ReadName(ref reader) is { } single ? [single] : [];
        }

        var names = new List<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (ReadName(ref reader) is { } name)
            {
                names.Add(name);
            }
        }

        return [.. names];
    }

    public static IReadOnlyList<RemoteSocketInfo> ReadSockets(ref Utf8JsonReader reader)
    {
        var sockets = new List<RemoteSocketInfo>();
        using var document = JsonDocument.ParseValue(ref reader);
        if (document.RootElement.ValueKind != JsonValueKind.Array)
        {
            return sockets;
        }

        foreach (var element in document.RootElement.EnumerateArray())
        {
            if (element.ValueKind == JsonValueKind.Object && element.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String)
            {
                sockets.Add(new RemoteSocketInfo(id.GetString()!, GetClone(element, "handshake"), GetNames(element, "rooms"), GetClone(element, "data")));
            }
        }

        return sockets;
    }

    private static JsonElement GetClone(JsonElement element, string property) =>
        element.TryGetProperty(property, out var value) ? value.Clone() : JsonElement.Parse("{}");

    private static string[] GetNames(JsonElement element, string property) =>
        element.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Where(each => each.ValueKind == JsonValueKind.String).Select(each => each.GetString()!)]
            : [];

    private static string? ReadName(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return reader.GetString();
            case JsonTokenType.Number:
                return reader.TryGetInt64(out var number) ? number.ToString(CultureInfo.InvariantCulture) : reader.GetDouble().ToString(CultureInfo.InvariantCulture);
            default:
                reader.Skip();
                return null;
        }
    }

    private static BroadcastOptions ReadFlags(ref Utf8JsonReader reader, BroadcastOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return options;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isVolatile = reader.ValueTextEquals("volatile");
            var isCompress = reader.ValueTextEquals("compress");
            var isTimeout = reader.ValueTextEquals("timeout");
            reader.Read();
            if (isVolatile)
            {
                options = options with { IsVolatile = reader.TokenType == JsonTokenType.True };
            }
            else if (isCompress)
            {
                options = options with { Compress = reader.TokenType != JsonTokenType.False };
            }
            else if (isTimeout && reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out var milliseconds) && milliseconds is > 0 and < 86_400_000)
            {
                options = options with { Timeout = TimeSpan.FromMilliseconds(milliseconds) };
            }

            reader.Skip();
        }

        return options;
    }
}
