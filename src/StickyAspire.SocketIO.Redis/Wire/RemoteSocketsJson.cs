using System.Text.Json;
using StickyAspire.SocketIO.Adapters;

namespace StickyAspire.SocketIO.Redis.Wire;

/// <summary>What servers tell each other of their sockets.</summary>
internal static class RemoteSocketsJson
{
    public static void Write(Utf8JsonWriter writer, string property, IReadOnlyList<RemoteSocketInfo> sockets)
    {
        writer.WriteStartArray(property);
        foreach (var socket in sockets)
        {
            writer.WriteStartObject();
            writer.WriteString("id", socket.Id);
            writer.WritePropertyName("handshake");
            socket.Handshake.WriteTo(writer);
            WireJson.WriteNames(writer, "rooms", [.. socket.Rooms]);
            writer.WritePropertyName("data");
            socket.Data.WriteTo(writer);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    public static IReadOnlyList<RemoteSocketInfo> Read(ref Utf8JsonReader reader)
    {
        var sockets = new List<RemoteSocketInfo>();
        using var document = JsonDocument.ParseValue(ref reader);
        if (document.RootElement.ValueKind != JsonValueKind.Array)
        {
            return sockets;
        }

        foreach (var element in document.RootElement.EnumerateArray())
        {
            if (element.ValueKind == JsonValueKind.Object && element.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String)
            {
                sockets.Add(new RemoteSocketInfo(id.GetString()!, GetClone(element, "handshake"), GetNames(element, "rooms"), GetClone(element, "data")));
            }
        }

        return sockets;
    }

    private static JsonElement GetClone(JsonElement element, string property) =>
        element.TryGetProperty(property, out var value) ? value.Clone() : JsonElement.Parse("{}");

    private static string[] GetNames(JsonElement element, string property) =>
        element.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Where(each => each.ValueKind == JsonValueKind.String).Select(each => each.GetString()!)]
            : [];
}
