using System.Buffers;
using System.Globalization;
using System.Text.Json;
using MessagePack;

namespace StickyAspire.SocketIO.MessagePack;

/// <summary>
/// MessagePack as a packet's JSON: bytes become attachments, dates the text that JavaScript gives them.
/// </summary>
internal static class MessagePackToJson
{
    /// <summary>
    /// The one extension of Node's older writer, whose form tells what it is: an undefined value (fixext 1), a date in milliseconds (fixext 8), or an
    /// <c>ArrayBuffer</c> (ext 8, 16 or 32).
    /// </summary>
    private const sbyte LegacyExtension = 0;

    /// <summary>Writes the next value, in which no more than <paramref name="maxDepth"/> arrays and maps may lie in each other.</summary>
    public static void Write(ref MessagePackReader reader, Utf8JsonWriter writer, List<ReadOnlyMemory<byte>> attachments, int maxDepth)
    {
        if (maxDepth < 0)
        {
            throw new MessagePackSerializationException("A value nests too deeply.");
        }

        switch (reader.NextMessagePackType)
        {
            case MessagePackType.Nil:
                reader.ReadNil();
                writer.WriteNullValue();
                break;
            case MessagePackType.Boolean:
                writer.WriteBooleanValue(reader.ReadBoolean());
                break;
            case MessagePackType.Integer:
                WriteInteger(ref reader, writer);
                break;
            case MessagePackType.Float:
                WriteDouble(reader.ReadDouble(), writer);
                break;
            case MessagePackType.String:
                WriteString(ref reader, writer);
                break;
            case MessagePackType.Binary:
                WriteBinary(reader.ReadBytes()!.Value, writer, attachments);
                break;
            case MessagePackType.Array:
                writer.WriteStartArray();
                for (var count = reader.ReadArrayHeader(); count > 0; count--)
                {
                    Write(ref reader, writer, attachments, maxDepth - 1);
                }

                writer.WriteEndArray();
                break;
            case MessagePackType.Map:
                writer.WriteStartObject();
                for (var count = reader.ReadMapHeader(); count > 0; count--)
                {
                    writer.WritePropertyName(ReadName(ref reader));
                    Write(ref reader, writer, attachments, maxDepth - 1);
                }

                writer.WriteEndObject();
                break;
            default:
                WriteExtension(ref reader, writer, attachments);
                break;
        }
    }

    private static void WriteInteger(ref MessagePackReader reader, Utf8JsonWriter writer)
    {
        if (reader.NextCode == MessagePackCode.UInt64)
        {
            writer.WriteNumberValue(reader.ReadUInt64());
        }
        else
        {
            writer.WriteNumberValue(reader.ReadInt64());
        }
    }

    private static void WriteDouble(double number, Utf8JsonWriter writer)
    {
        // JSON.stringify's answer to what JSON cannot say.
        if (double.IsFinite(number))
        {
            writer.WriteNumberValue(number);
        }
        else
        {
            writer.WriteNullValue();
        }
    }

    private static void WriteString(ref MessagePackReader reader, Utf8JsonWriter writer)
    {
        if (reader.TryReadStringSpan(out var text))
        {
            writer.WriteStringValue(text);
        }
        else
        {
            writer.WriteStringValue(reader.ReadString());
        }
    }

    private static void WriteBinary(ReadOnlySequence<byte> bytes, Utf8JsonWriter writer, List<ReadOnlyMemory<byte>> attachments)
    {
        writer.WriteStartObject();
        writer.WriteBoolean("_placeholder"u8, true);
        writer.WriteNumber("num"u8, attachments.Count);
        writer.WriteEndObject();
        attachments.Add(bytes.ToArray());
    }

    private static string ReadName(ref MessagePackReader reader) =>
        reader.NextMessagePackType == MessagePackType.Integer ? reader.ReadInt64().ToString(CultureInfo.InvariantCulture) : reader.ReadString() ?? "";

    private static void WriteExtension(ref MessagePackReader reader, Utf8JsonWriter writer, List<ReadOnlyMemory<byte>> attachments)
    {
        var ahead = reader.CreatePeekReader();
        var header = ahead.ReadExtensionFormatHeader();
        if (header.TypeCode == ReservedMessagePackExtensionTypeCode.DateTime)
        {
            WriteDate(reader.ReadDateTime(), writer);
            return;
        }

        var isArrayBuffer = header.TypeCode == LegacyExtension && reader.NextCode is MessagePackCode.Ext8 or MessagePackCode.Ext16 or MessagePackCode.Ext32;
        var extension = reader.ReadExtensionFormat();
        if (isArrayBuffer)
        {
            WriteBinary(extension.Data, writer, attachments);
            return;
        }

        if (extension.TypeCode == LegacyExtension && extension.Data.Length == sizeof(long))
        {
            Span<byte> bytes = stackalloc byte[sizeof(long)];
            extension.Data.CopyTo(bytes);
            var milliseconds = System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(bytes);
            if (Math.Abs((double)milliseconds) <= 8.64e15 && milliseconds is > -62_135_596_800_000 and < 253_402_300_800_000)
            {
                WriteDate(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).UtcDateTime, writer);
                return;
            }
        }

        writer.WriteNullValue();
    }

    private static void WriteDate(DateTime date, Utf8JsonWriter writer) =>
        writer.WriteStringValue(date.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
}
