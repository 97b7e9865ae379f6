using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace StickyAspire.SocketIO.Serialization;

/// <summary>Copies arguments from one packet into another. Attachments get new numbers, in the order in which the arguments name them.</summary>
internal static class PlaceholderRewriter
{
    /// <summary>The most that a <see cref="Utf8JsonWriter"/> nests.</summary>
    public const int MaxDepth = 1_000;

    /// <summary>For reading back what was written.</summary>
    public static readonly JsonDocumentOptions DocumentOptions = new() { MaxDepth = MaxDepth };

    /// <summary>Copies a value as it is, half surrogate pairs included, on which <see cref="JsonElement.WriteTo"/> would throw.</summary>
    public static void Copy(JsonElement element, Utf8JsonWriter writer)
    {
        var reader = new Utf8JsonReader(JsonMarshal.GetRawUtf8Value(element), new JsonReaderOptions { MaxDepth = MaxDepth });
        reader.Read();
        Copy(ref reader, writer, []);
    }

    /// <summary>Copies the value that the reader stands on.</summary>
    /// <param name="reader">At the value's first token; afterwards at its last.</param>
    /// <param name="writer">Where the value goes.</param>
    /// <param name="attachments">What the value's placeholders stand for.</param>
    public static void Copy(ref Utf8JsonReader reader, Utf8JsonWriter writer, ReadOnlyMemory<byte>[] attachments)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                CopyObject(ref reader, writer, attachments);
                break;

            case JsonTokenType.StartArray:
                writer.WriteStartArray();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    Copy(ref reader, writer, attachments);
                }

                writer.WriteEndArray();
                break;

            case JsonTokenType.String:
                CopyString(ref reader, writer);
                break;

            default:
                writer.WriteRawValue(reader.ValueSpan, skipInputValidation: true);
                break;
        }
    }

    private static void CopyObject(ref Utf8JsonReader reader, Utf8JsonWriter writer, ReadOnlyMemory<byte>[] attachments)
    {
        if (attachments.Length > 0)
        {
            var ahead = reader;
            if (BinaryJson.TryReadPlaceholder(ref ahead, out var number) && number >= 0 && number < attachments.Length)
            {
                BinaryJson.Write(writer, attachments[number]);
                reader = ahead;
                return;
            }
        }

        writer.WriteStartObject();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            CopyName(ref reader, writer);
            reader.Read();
            Copy(ref reader, writer, attachments);
        }

        writer.WriteEndObject();
    }

    private static void CopyName(ref Utf8JsonReader reader, Utf8JsonWriter writer)
    {
        if (!reader.ValueIsEscaped)
        {
            writer.WritePropertyName(reader.ValueSpan);
            return;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(reader.ValueSpan.Length);
        try
        {
            writer.WritePropertyName(buffer.AsSpan(0, reader.CopyString(buffer)));
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair again. A writer takes no name as it is, so it gets the mark of what cannot be read.
            writer.WritePropertyName("\ufffd"u8);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>A text is written as it would be if it were our own, so that it goes out alike however it was escaped when it came.</summary>
    private static void CopyString(ref Utf8JsonReader reader, Utf8JsonWriter writer)
    {
        if (!reader.ValueIsEscaped)
        {
            writer.WriteStringValue(reader.ValueSpan);
            return;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(reader.ValueSpan.Length);
        try
        {
            writer.WriteStringValue(buffer.AsSpan(0, reader.CopyString(buffer)));
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, which JSON can say and UTF-8 cannot: it goes on as it came.
            CopyRaw(reader.ValueSpan, writer);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static void CopyRaw(ReadOnlySpan<byte> raw, Utf8JsonWriter writer)
    {
        var quoted = new byte[raw.Length + 2];
        quoted[0] = quoted[^1] = (byte)'"';
        raw.CopyTo(quoted.AsSpan(1));
        writer.WriteRawValue(quoted, skipInputValidation: true);
    }
}
