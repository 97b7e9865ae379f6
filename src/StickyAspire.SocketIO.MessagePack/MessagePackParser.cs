using System.Buffers;
using System.Text.Json;
using MessagePack;
using StickyAspire.SocketIO.Protocol;

namespace StickyAspire.SocketIO.MessagePack;

/// <summary>A packet as one MessagePack map: <c>type</c>, <c>data</c>, <c>nsp</c>, <c>id</c>.</summary>
/// <param name="maxDepth">How deep data may nest.</param>
internal sealed class MessagePackParser(int maxDepth) : ISocketIOParser
{
    public ISocketIODecoder CreateDecoder() => new MessagePackDecoder(maxDepth);

    public SocketIOFrames Encode(SocketIOPacket packet)
    {
        var buffer = new ArrayBufferWriter<byte>(packet.Data.Length + 64);
        var writer = new MessagePackWriter(buffer);
        writer.WriteMapHeader(2 + (packet.Data.IsEmpty ? 0 : 1) + (packet.Id is null ? 0 : 1));
        writer.Write("type");
        writer.Write((int)packet.Type);
        if (!packet.Data.IsEmpty)
        {
            writer.Write("data");
            var reader = new Utf8JsonReader(packet.Data.Span, new JsonReaderOptions { MaxDepth = maxDepth });
            reader.Read();
            JsonToMessagePack.Write(ref reader, ref writer, packet.Attachments);
        }

        writer.Write("nsp");
        writer.Write(packet.Namespace);
        if (packet.Id is { } id)
        {
            writer.Write("id");
            writer.Write(id);
        }

        writer.Flush();
        return new SocketIOFrames(buffer.WrittenMemory, IsBinary: true, []);
    }
}
