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
            WriteHandshake(json, handshake);
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

    /// <summary>What has changed of a socket: its data.</summary>
    public static JsonElement CreateUpdate(string nsp, string id, JsonElement data)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("id", id);
            json.WriteString("nsp", nsp);
            WriteWithout(json, "data", data, AdminKey);
            json.WriteEndObject();
        }

        return JsonElement.Parse(buffer.WrittenSpan);
    }

    private static void WriteHandshake(Utf8JsonWriter json, JsonElement handshake)
    {
        json.WriteStartObject("handshake");
        if (handshake.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in handshake.EnumerateObject())
            {
                if (property.NameEquals("address") && FindForwardedAddress(handshake) is { } address)
                {
                    json.WriteString("address", address);
                }
                else if (!property.NameEquals(AuthKey))
                {
                    property.WriteTo(json);
                }
            }
        }

        json.WriteEndObject();
    }

    /// <summary>The address that proxies name, as Node's instrumentation shows it. To look at: nothing is decided by it.</summary>
    private static string? FindForwardedAddress(JsonElement handshake)
    {
        if (handshake.TryGetProperty("headers", out var headers) && headers.ValueKind == JsonValueKind.Object)
        {
            foreach (var name in (ReadOnlySpan<string>)["cf-connecting-ip", "x-forwarded-for"])
            {
                if (headers.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } address)
                {
                    return address;
                }
            }
        }

        return null;
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
