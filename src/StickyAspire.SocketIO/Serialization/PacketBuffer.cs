using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using StickyAspire.SocketIO.Protocol;

namespace StickyAspire.SocketIO.Serialization;

/// <summary>Where a thread writes its packets. The packet itself is one array: room for the header, then the JSON.</summary>
internal sealed class PacketBuffer
{
    public static readonly JsonWriterOptions WriterOptions = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    /// <summary>A buffer that a large packet has grown is not kept.</summary>
    private const int MaxKeptCapacity = 64 * 1024;

    private ArrayBufferWriter<byte> _json = new(512);

    public PacketBuffer() => Writer = new Utf8JsonWriter(_json, WriterOptions);

    public Utf8JsonWriter Writer { get; }

    public List<ReadOnlyMemory<byte>> Attachments { get; } = [];

    public SocketIOPacket ToPacket(SocketIOPacketType type, string @namespace, long? id)
    {
        var json = _json.WrittenSpan;
        var room = DefaultParser.GetHeaderRoom(@namespace);
        var array = GC.AllocateUninitializedArray<byte>(room + json.Length);
        json.CopyTo(array.AsSpan(room));
        return new SocketIOPacket(type, @namespace, array.AsMemory(room), Attachments.Count == 0 ? null : [.. Attachments], id) { Headroom = array };
    }

    public void Reset()
    {
        Attachments.Clear();
        if (_json.Capacity > MaxKeptCapacity)
        {
            _json = new ArrayBufferWriter<byte>(512);
        }
        else
        {
            _json.ResetWrittenCount();
        }

        Writer.Reset(_json);
    }
}
