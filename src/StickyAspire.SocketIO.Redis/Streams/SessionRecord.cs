using System.Buffers;
using System.Text.Json;
using StickyAspire.SocketIO.Adapters;
using StickyAspire.SocketIO.Redis.Wire;

namespace StickyAspire.SocketIO.Redis.Streams;

/// <summary>
/// A session as Node's streams adapter keeps it: base64 of the MessagePack map <c>sid</c>, <c>pid</c>, <c>rooms</c>, <c>data</c>. Ours begin with one field more, which Node passes over: the server that has it, so that
/// the text's beginning tells whose it is.
/// </summary>
internal static class SessionRecord
{
    /// <summary>The characters of base64 that the map's header, the field's name and the server's 16 digits decide alone.</summary>
    public const int OwnerPrefixLength = 28;

    public static string Encode(RecoverableSession session, JsonElement data, string owner)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, WireJson.WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteString("srv", owner);
            writer.WriteString("sid", session.Id);
            writer.WriteString("pid", session.Pid);
            WireJson.WriteNames(writer, "rooms", [.. session.Rooms]);
            writer.WritePropertyName("data");
            data.WriteTo(writer);
            writer.WriteEndObject();
        }

        return Convert.ToBase64String(WireMessagePack.FromJson(buffer.WrittenSpan, []));
    }

    public static string GetOwnerPrefix(string owner) =>
        Encode(new RecoverableSession("", "", [], new Dictionary<string, object?>()), JsonElement.Parse("{}"), owner)[..OwnerPrefixLength];

    /// <summary>Reads a record; null where it is none.</summary>
    public static RecoverableSession? Decode(string text)
    {
        var json = WireMessagePack.ToJson(Convert.FromBase64String(text), out _);
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = WireJson.ReaderOptions.MaxDepth });
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object || !TryGetText(root, "sid", out var sid) || !TryGetText(root, "pid", out var pid))
        {
            return null;
        }

        var rooms = root.TryGetProperty("rooms", out var names) && names.ValueKind == JsonValueKind.Array
            ? names.EnumerateArray().Where(name => name.ValueKind == JsonValueKind.String).Select(name => name.GetString()!).ToArray()
            : [];
        var data = new Dictionary<string, object?>(StringComparer.Ordinal);
        if (root.TryGetProperty("data", out var values) && values.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in values.EnumerateObject())
            {
                data[property.Name] = property.Value.ValueKind == JsonValueKind.Null ? null : property.Value.Clone();
            }
        }

        return new RecoverableSession(sid, pid, rooms, data);
    }

    private static bool TryGetText(JsonElement root, string property, out string text)
    {
        text = root.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
        return text.Length > 0;
    }
}
