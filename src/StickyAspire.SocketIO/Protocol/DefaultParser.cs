using System.Buffers.Text;
using System.Text;

namespace StickyAspire.SocketIO.Protocol;

/// <summary>
/// The default parser: <c>type [attachments-] [namespace,] [id] [json]</c>, as the Socket.IO protocol, revision 5, has it.
/// </summary>
/// <param name="maxAttachments">The most binary attachments of one packet.</param>
/// <param name="maxDepth">How deep JSON may nest.</param>
internal sealed class DefaultParser(int maxAttachments, int maxDepth) : ISocketIOParser
{
    private const int MaxNumberLength = 20;

    public ISocketIODecoder CreateDecoder() => new DefaultDecoder(maxAttachments, maxDepth);

    public SocketIOFrames Encode(SocketIOPacket packet)
    {
        var room = GetHeaderRoom(packet.Namespace);
        var header = room <= 256 ? stackalloc byte[room] : new byte[room];
        header = header[..WriteHeader(packet, header)];

        var data = packet.Data;
        if (packet.Headroom is { } buffer && buffer.Length - data.Length >= header.Length)
        {
            var start = buffer.Length - data.Length - header.Length;
            header.CopyTo(buffer.AsSpan(start));
            return new SocketIOFrames(buffer.AsMemory(start), IsBinary: false, packet.Attachments);
        }

        var frame = new byte[header.Length + data.Length];
        header.CopyTo(frame);
        data.Span.CopyTo(frame.AsSpan(header.Length));
        return new SocketIOFrames(frame, IsBinary: false, packet.Attachments);
    }

    /// <summary>The most bytes that a header for this namespace takes.</summary>
    public static int GetHeaderRoom(string @namespace) =>
        2 + MaxNumberLength + 1 + (@namespace == "/" ? 0 : Encoding.UTF8.GetMaxByteCount(@namespace.Length) + 1) + MaxNumberLength;

    private static int WriteHeader(SocketIOPacket packet, Span<byte> header)
    {
        header[0] = (byte)'4';
        var type = packet.Type;
        var length = 2;
        if (packet.Attachments.Length > 0 && type is SocketIOPacketType.Event or SocketIOPacketType.Ack)
        {
            type += SocketIOPacketType.BinaryEvent - SocketIOPacketType.Event;
            Utf8Formatter.TryFormat(packet.Attachments.Length, header[length..], out var digits);
            length += digits;
            header[length++] = (byte)'-';
        }

        header[1] = (byte)('0' + (int)type);
        if (packet.Namespace != "/")
        {
            length += Encoding.UTF8.GetBytes(packet.Namespace, header[length..]);
            header[length++] = (byte)',';
        }

        if (packet.Id is { } id)
        {
            Utf8Formatter.TryFormat(id, header[length..], out var digits);
            length += digits;
        }

        return length;
    }
}
