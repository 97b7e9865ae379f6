using System.Text.Json;
using StickyAspire.SocketIO.Serialization;

namespace StickyAspire.SocketIO.Redis.Wire;

/// <summary>Bytes in a message that can hold none: they become what <c>JSON.stringify</c> makes of Node's Buffer, <c>{"type":"Buffer","data":[…]}</c>.</summary>
internal static class BufferJson
{
    /// <summary>Writes JSON with bytes in the place of its placeholders.</summary>
    public static void Write(Utf8JsonWriter writer, ReadOnlyMemory<byte> json, ReadOnlyMemory<byte>[] attachments)
    {
        if (attachments.Length == 0)
        {
            writer.WriteRawValue(json.Span, skipInputValidation: true);
            return;
        }

        var reader = WireJson.CreateReader(json);
        reader.Read();
        Copy(ref reader, writer, json, attachments);
    }

    private static void Copy(ref Utf8JsonReader reader, Utf8JsonWriter writer, ReadOnlyMemory<byte> json, ReadOnlyMemory<byte>[] attachments)
    {
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            writer.WriteStartArray();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                Copy(ref reader, writer, json, attachments);
            }

            writer.WriteEndArray();
            return;
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            writer.WriteRawValue(WireJson.ReadRaw(ref reader, json).Span, skipInputValidation: true);
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
            Copy(ref reader, writer, json, attachments);
        }

        writer.WriteEndObject();
    }
}
