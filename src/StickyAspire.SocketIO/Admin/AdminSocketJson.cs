using System.Buffers;
using System.Text.Json;

namespace StickyAspire.SocketIO.Admin;

/// <summary>A socket as the admin page knows it.</summary>
internal static class AdminSocketJson
{
    /// <summary>Where a socket's data tells other servers what only its own server knows, as Node does it.</summary>
    public const string AdminKey = "_admin";

    /// <summary>Left out of what the page gets: it may hold secrets.</summary>
    private const string AuthKey = "auth";

    public static JsonElement Create(string nsp, string id, JsonElement handshake, IReadOnlyCollection<string> rooms, JsonElement data)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("id", id);
            if (data.ValueKind == JsonValueKind.Object && data.TryGetProperty(AdminKey, out var admin) && admin.ValueKind == JsonValueKind.Object)
            {
                foreach (var property in admin.EnumerateObject())
                {
                    property.WriteTo(json);
                }
            }

            json.WriteString("nsp", nsp);
            WriteWithout(json, "data", data, AdminKey);
            WriteWithout(json, "handshake", handshake, AuthKey);
            json.WriteStartArray("rooms");
            foreach (var room in rooms)
            {
                json.WriteStringValue(room);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return JsonElement.Parse(buffer.WrittenSpan);
    }

    private static void WriteWithout(Utf8JsonWriter json, string name, JsonElement element, string left)
    {
        json.WriteStartObject(name);
        if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in element.EnumerateObject())
            {
                if (property.Name != left)
                {
                    property.WriteTo(json);
                }
            }
        }

        json.WriteEndObject();
    }
}
