using System.Buffers;
using System.Text.Json;
using MessagePack;

namespace StickyAspire.SocketIO.MessagePack;

/// <summary>A packet's JSON as MessagePack, bytes in the place of their placeholders.</summary>
internal static class JsonToMessagePack
{
    private const string PlaceholderName = "_placeholder";

    /// <summary>Writes the value that the reader stands on, and leaves the reader at its last token.</summary>
    public static void Write(ref Utf8JsonReader reader, ref MessagePackWriter writer, ReadOnlyMemory<byte>[] attachments)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartArray:
                writer.WriteArrayHeader(Count(reader));
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    Write(ref reader, ref writer, attachments);
                }

                break;

            case JsonTokenType.StartObject:
                WriteObject(ref reader, ref writer, attachments);
                break;

            case JsonTokenType.String or JsonTokenType.PropertyName:
                WriteText(ref reader, ref writer);
                break;

            case JsonTokenType.Number:
                WriteNumber(ref reader, ref writer);
                break;

            case JsonTokenType.True or JsonTokenType.False:
                writer.Write(reader.TokenType == JsonTokenType.True);
                break;

            default:
                writer.WriteNil();
                break;
        }
    }

    private static void WriteObject(ref Utf8JsonReader reader, ref MessagePackWriter writer, ReadOnlyMemory<byte>[] attachments)
    {
        if (attachments.Length > 0)
        {
            var ahead = reader;
            if (TryReadPlaceholder(ref ahead, out var number) && number >= 0 && number < attachments.Length)
            {
                writer.Write(attachments[number].Span);
                reader = ahead;
                return;
            }
        }

        writer.WriteMapHeader(Count(reader));
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            WriteText(ref reader, ref writer);
            reader.Read();
            Write(ref reader, ref writer, attachments);
        }
    }

    private static bool TryReadPlaceholder(ref Utf8JsonReader reader, out int number)
    {
        number = 0;
        return reader.Read() && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals(PlaceholderName)
            && reader.Read() && reader.TokenType == JsonTokenType.True
            && reader.Read() && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("num")
            && reader.Read() && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out number)
            && reader.Read() && reader.TokenType == JsonTokenType.EndObject;
    }

    private static void WriteText(ref Utf8JsonReader reader, ref MessagePackWriter writer)
    {
        if (!reader.ValueIsEscaped)
        {
            writer.WriteString(reader.ValueSpan);
            return;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(reader.ValueSpan.Length);
        writer.WriteString(buffer.AsSpan(0, reader.CopyString(buffer)));
        ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>The smallest form, as JavaScript's writers choose it: a number that is whole is an integer.</summary>
    private static void WriteNumber(ref Utf8JsonReader reader, ref MessagePackWriter writer)
    {
        if (reader.TryGetInt64(out var integer))
        {
            writer.Write(integer);
            return;
        }

        var number = reader.GetDouble();
        if (number == Math.Truncate(number) && Math.Abs(number) < 1L << 53)
        {
            writer.Write((long)number);
        }
        else
        {
            writer.Write(number);
        }
    }

    /// <summary>How many values the array has that the reader stands on, or how many members the object.</summary>
    private static int Count(Utf8JsonReader reader)
    {
        var depth = reader.CurrentDepth;
        var count = 0;
        while (reader.Read() && reader.CurrentDepth > depth)
        {
            count++;
            // From a name, this goes to the end of its value.
            reader.Skip();
        }

        return count;
    }
}
