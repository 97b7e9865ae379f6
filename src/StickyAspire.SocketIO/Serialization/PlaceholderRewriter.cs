using System.Text.Json;

namespace StickyAspire.SocketIO.Serialization;

/// <summary>Copies JSON from one packet into another, with the numbers of its placeholders moved.</summary>
internal static class PlaceholderRewriter
{
    /// <summary>Copies the value that the reader stands on.</summary>
    /// <param name="reader">At the value's first token; afterwards at its last.</param>
    /// <param name="writer">Where the value goes.</param>
    /// <param name="offset">What is added to each placeholder's number.</param>
    public static void Copy(ref Utf8JsonReader reader, Utf8JsonWriter writer, int offset)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                CopyObject(ref reader, writer, offset);
                break;

            case JsonTokenType.StartArray:
                writer.WriteStartArray();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    Copy(ref reader, writer, offset);
                }

                writer.WriteEndArray();
                break;

            case JsonTokenType.String:
                // Raw, because the escapes are valid as they are.
                WriteQuoted(reader.ValueSpan, writer);
                break;

            default:
                writer.WriteRawValue(reader.ValueSpan, skipInputValidation: true);
                break;
        }
    }

    private static void CopyObject(ref Utf8JsonReader reader, Utf8JsonWriter writer, int offset)
    {
        var ahead = reader;
        if (BinaryJson.TryReadPlaceholder(ref ahead, out var number))
        {
            BinaryJson.WritePlaceholder(writer, number + offset);
            reader = ahead;
            return;
        }

        writer.WriteStartObject();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            writer.WritePropertyName(reader.GetString()!);
            reader.Read();
            Copy(ref reader, writer, offset);
        }

        writer.WriteEndObject();
    }

    private static void WriteQuoted(ReadOnlySpan<byte> raw, Utf8JsonWriter writer)
    {
        var quoted = raw.Length < 256 ? stackalloc byte[raw.Length + 2] : new byte[raw.Length + 2];
        quoted[0] = quoted[^1] = (byte)'"';
        raw.CopyTo(quoted[1..]);
        writer.WriteRawValue(quoted, skipInputValidation: true);
    }
}
