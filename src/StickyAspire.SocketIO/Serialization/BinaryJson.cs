using System.Text.Json;
using StickyAspire.SocketIO.Protocol;

namespace StickyAspire.SocketIO.Serialization;

/// <summary>Bytes in a packet's JSON: <c>{"_placeholder":true,"num":0}</c> in place of the attachment.</summary>
internal static class BinaryJson
{
    private static readonly JsonEncodedText Placeholder = JsonEncodedText.Encode(PlaceholderCheck.PlaceholderName);
    private static readonly JsonEncodedText Number = JsonEncodedText.Encode(PlaceholderCheck.NumberName);

    public static void Write(Utf8JsonWriter writer, ReadOnlyMemory<byte> bytes)
    {
        if (AttachmentScope.Written is not { } attachments)
        {
            writer.WriteBase64StringValue(bytes.Span);
            return;
        }

        WritePlaceholder(writer, attachments.Count);
        attachments.Add(bytes);
    }

    public static void WritePlaceholder(Utf8JsonWriter writer, int number)
    {
        writer.WriteStartObject();
        writer.WriteBoolean(Placeholder, true);
        writer.WriteNumber(Number, number);
        writer.WriteEndObject();
    }

    public static ReadOnlyMemory<byte> Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return reader.GetBytesFromBase64();
        }

        if (reader.TokenType != JsonTokenType.StartObject || !TryReadPlaceholder(ref reader, out var number)
            || AttachmentScope.Read is not { } attachments || number < 0 || number >= attachments.Length)
        {
            throw new JsonException("Expected bytes: a binary attachment, or a string of base64.");
        }

        return attachments[number];
    }

    /// <summary>Reads an object that stands for an attachment, from its start to its end. False, somewhere within it, if it is another.</summary>
    public static bool TryReadPlaceholder(ref Utf8JsonReader reader, out int number)
    {
        number = 0;
        return reader.Read() && reader.TokenType == JsonTokenType.PropertyName && JsonText.Is(ref reader, Placeholder.EncodedUtf8Bytes)
            && reader.Read() && reader.TokenType == JsonTokenType.True
            && reader.Read() && reader.TokenType == JsonTokenType.PropertyName && JsonText.Is(ref reader, Number.EncodedUtf8Bytes)
            && reader.Read() && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out number)
            && reader.Read() && reader.TokenType == JsonTokenType.EndObject;
    }
}
