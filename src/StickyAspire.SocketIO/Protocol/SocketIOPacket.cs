using System.Text.Json;

namespace StickyAspire.SocketIO.Protocol;

/// <summary>
/// One Socket.IO packet. Its data is kept as JSON with the default parser's placeholders for bytes, whatever the wire's format is.
/// Encoded once, however many clients it goes to.
/// </summary>
public sealed class SocketIOPacket
{
    private SocketIOFrames? _frames;

    /// <summary>Creates a packet.</summary>
    /// <param name="type">The type. Event and Ack stand for their binary kinds too: <paramref name="attachments"/> decide.</param>
    /// <param name="namespace">The namespace's name, with its slash.</param>
    /// <param name="data">UTF-8 JSON, or empty for none.</param>
    /// <param name="attachments">The bytes that placeholders in <paramref name="data"/> stand for.</param>
    /// <param name="id">The acknowledgement id, where one is asked for or given.</param>
    public SocketIOPacket(SocketIOPacketType type, string @namespace, ReadOnlyMemory<byte> data = default, ReadOnlyMemory<byte>[]? attachments = null, long? id = null)
    {
        Type = type;
        Namespace = @namespace;
        Data = data;
        Attachments = attachments ?? [];
        Id = id;
    }

    /// <summary>The type. Never one of the binary kinds.</summary>
    public SocketIOPacketType Type { get; }

    /// <summary>The namespace's name, with its slash.</summary>
    public string Namespace { get; }

    /// <summary>The acknowledgement id, or null.</summary>
    public long? Id { get; }

    /// <summary>The data as UTF-8 JSON: an array for events and acknowledgements. May be empty.</summary>
    public ReadOnlyMemory<byte> Data { get; }

    /// <summary>The bytes that placeholders in <see cref="Data"/> stand for, by their number.</summary>
    public ReadOnlyMemory<byte>[] Attachments { get; }

    /// <summary>The array that ends with <see cref="Data"/> and has room in front for a header; or null.</summary>
    internal byte[]? Headroom { get; init; }

    /// <summary>The packet as the parser writes it. The first caller encodes; a race does the same work twice and no harm.</summary>
    internal SocketIOFrames GetFrames(ISocketIOParser parser) => _frames ??= parser.Encode(this);

    /// <summary>The same packet with another acknowledgement id.</summary>
    public SocketIOPacket WithId(long? id) => new(Type, Namespace, Data, Attachments, id);

    /// <summary>The event's place in its namespace's order, where recovery gives it one; or null.</summary>
    public string? Offset { get; private init; }

    /// <summary>The same event with its offset, which clients get as one more argument.</summary>
    public SocketIOPacket WithOffset(string offset)
    {
        ArgumentNullException.ThrowIfNull(offset);
        var text = JsonEncodedText.Encode(offset).EncodedUtf8Bytes;
        var room = DefaultParser.GetHeaderRoom(Namespace);
        var data = Data.Span[..^1];
        var array = GC.AllocateUninitializedArray<byte>(room + data.Length + text.Length + 4);
        data.CopyTo(array.AsSpan(room));
        var end = array.AsSpan(room + data.Length);
        end[0] = (byte)',';
        end[1] = end[^2] = (byte)'"';
        end[^1] = (byte)']';
        text.CopyTo(end[2..]);
        return new SocketIOPacket(Type, Namespace, array.AsMemory(room), Attachments, Id) { Headroom = array, Offset = offset };
    }

    /// <summary>The same event, whose offset is among its arguments already.</summary>
    public SocketIOPacket AtOffset(string offset) => new(Type, Namespace, Data, Attachments, Id) { Offset = offset };
}
