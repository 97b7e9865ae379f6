using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using StickyAspire.SocketIO.Protocol;

namespace StickyAspire.SocketIO.Redis.Wire;

/// <summary>The pieces that messages between servers are made of, as JSON.</summary>
internal static class WireJson
{
    public static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };
    public static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = 512 };

    public static bool IsJson(ReadOnlySpan<byte> message) => !message.IsEmpty && message[0] == (byte)'{';

    public static Utf8JsonReader CreateReader(ReadOnlyMemory<byte> json) => new(json.Span, ReaderOptions);

    public static void WriteNames(Utf8JsonWriter writer, string property, string[] names)
    {
        writer.WriteStartArray(property);
        foreach (var name in names)
        {
            writer.WriteStringValue(name);
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
            BufferJson.Write(writer, ReadRaw(ref reader, ack.Data), hasAttachments ? [] : ack.Attachments);
        }
    }

    /// <summary>The value that the reader stands on, as it stands. The reader is left at its last token.</summary>
    public static ReadOnlyMemory<byte> ReadRaw(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return json[start..(int)reader.BytesConsumed];
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
}
