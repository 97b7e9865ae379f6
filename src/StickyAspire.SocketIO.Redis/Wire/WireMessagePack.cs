using System.Buffers;
using System.Text.Json;
using MessagePack;
using StickyAspire.SocketIO.MessagePack;

namespace StickyAspire.SocketIO.Redis.Wire;

/// <summary>MessagePack, which is written and read by way of JSON: the same fields, bytes in the place of placeholders.</summary>
internal static class WireMessagePack
{
    /// <summary>JSON as MessagePack.</summary>
    public static byte[] FromJson(ReadOnlySpan<byte> json, ReadOnlyMemory<byte>[] attachments)
    {
        var buffer = new ArrayBufferWriter<byte>(json.Length + 64);
        var writer = new MessagePackWriter(buffer);
        var reader = new Utf8JsonReader(json, WireJson.ReaderOptions);
        reader.Read();
        JsonToMessagePack.Write(ref reader, ref writer, attachments);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>A message as JSON, whichever of the two it is, and the bytes that placeholders in it stand for.</summary>
    public static ReadOnlyMemory<byte> ToJson(ReadOnlyMemory<byte> message, out ReadOnlyMemory<byte>[] attachments)
    {
        if (WireJson.IsJson(message.Span))
        {
            attachments = [];
            return message;
        }

        var buffer = new ArrayBufferWriter<byte>(message.Length * 2);
        var found = new List<ReadOnlyMemory<byte>>();
        using (var writer = new Utf8JsonWriter(buffer, WireJson.WriterOptions))
        {
            var reader = new MessagePackReader(message);
            MessagePackToJson.Write(ref reader, writer, found, WireJson.ReaderOptions.MaxDepth);
        }

        attachments = [.. found];
        return buffer.WrittenMemory;
    }
}
