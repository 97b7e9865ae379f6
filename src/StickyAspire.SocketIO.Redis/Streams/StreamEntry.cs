using System.Globalization;
using System.Text;
using StackExchange.Redis;
using StickyAspire.SocketIO.Redis.Cluster;
using StickyAspire.SocketIO.Redis.Wire;

namespace StickyAspire.SocketIO.Redis.Streams;

/// <summary>
/// One entry of a stream, as Node's <c>@socket.io/redis-streams-adapter</c> 0.3 writes it: <c>uid</c>, <c>nsp</c>, <c>type</c>, and <c>data</c> as JSON, or MessagePack in base64 where bytes are in it.
/// Ours carry one field more, or two, which Node passes over: the sender's own number, by which an entry that was written twice for fear of a loss is told; and whether this may be the second.
/// </summary>
/// <param name="Id">Its place.</param>
/// <param name="Uid">Who wrote it.</param>
/// <param name="Nsp">The namespace.</param>
/// <param name="Type">What it says.</param>
/// <param name="Data">JSON, or base64 of MessagePack. May be empty.</param>
/// <param name="Number">The sender's number, or null where it gives none.</param>
/// <param name="IsAgain">Whether the sender has written it before, and does not know whether that is here.</param>
internal readonly record struct StreamEntry(StreamId Id, string Uid, string Nsp, ClusterMessageType Type, ReadOnlyMemory<byte> Data, long? Number, bool IsAgain = false)
{
    /// <summary>What an entry has besides when it is written again.</summary>
    public static readonly NameValueEntry AgainMark = new(AgainField, 1);

    private const string NumberField = "n";
    private const string AgainField = "again";

    public static NameValueEntry[] Encode(ClusterMessage message, string nsp, long? number)
    {
        var attachments = message.Packet?.Attachments ?? [];
        var json = EnvelopeMessage.EncodeData(message);
        RedisValue data = json;
        if (attachments.Length > 0)
        {
            data = Convert.ToBase64String(WireMessagePack.FromJson(json.Span, attachments));
        }

        NameValueEntry[] entry = [new("uid", message.Uid), new("nsp", nsp), new("type", (int)message.Type), new("data", data)];
        return number is null ? entry : [.. entry, new(NumberField, number.Value)];
    }

    /// <summary>Reads an entry's fields, which come as names and values in turn. Null where it is none of ours or Node's.</summary>
    public static StreamEntry? Read(string? id, RedisResult[]? fields)
    {
        if (!StreamId.TryParse(id, out var place) || fields is null)
        {
            return null;
        }

        string? uid = null;
        string? nsp = null;
        var type = 0;
        byte[] data = [];
        long? number = null;
        var isAgain = false;
        for (var i = 0; i + 1 < fields.Length; i += 2)
        {
            switch ((string?)fields[i])
            {
                case "uid":
                    uid = (string?)fields[i + 1];
                    break;
                case "nsp":
                    nsp = (string?)fields[i + 1];
                    break;
                case "type":
                    _ = int.TryParse((string?)fields[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out type);
                    break;
                case "data":
                    data = (byte[]?)fields[i + 1] ?? [];
                    break;
                case NumberField:
                    number = long.TryParse((string?)fields[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
                    break;
                case AgainField:
                    isAgain = true;
                    break;
            }
        }

        return uid is null || nsp is null ? null : new StreamEntry(place, uid, nsp, (ClusterMessageType)type, data, number, isAgain);
    }

    /// <summary>What the entry says; null where it says nothing that there is to say. Throws what readers throw at a malformed one.</summary>
    public ClusterMessage? Decode()
    {
        var json = Data;
        ReadOnlyMemory<byte>[] attachments = [];
        if (!json.IsEmpty && !WireJson.IsJson(json.Span))
        {
            json = WireMessagePack.ToJson(Convert.FromBase64String(Encoding.ASCII.GetString(json.Span)), out attachments);
        }

        return EnvelopeMessage.DecodeData(Type, Uid, Nsp, json, attachments);
    }
}
