using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Primitives;
using StickyAspire.SocketIO.Serialization;

namespace StickyAspire.SocketIO;

/// <summary>The handshake as Node's servers tell it each other.</summary>
internal static class HandshakeJson
{
    public static JsonElement Create(SocketIOHandshake handshake)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            WriteAll(json, "headers", handshake.Headers, name => name.ToLowerInvariant());

            // The text of JavaScript's Date.toString().
            json.WriteString("time", handshake.Time.UtcDateTime.ToString("ddd MMM dd yyyy HH:mm:ss 'GMT+0000 (Coordinated Universal Time)'", CultureInfo.InvariantCulture));
            json.WriteString("address", handshake.Address);
            json.WriteBoolean("xdomain", handshake.IsCrossOrigin);
            json.WriteBoolean("secure", handshake.IsSecure);
            json.WriteNumber("issued", handshake.Time.ToUnixTimeMilliseconds());
            json.WriteString("url", handshake.Url);
            WriteAll(json, "query", handshake.Query, name => name);
            json.WritePropertyName("auth");
            if (handshake.Auth.ValueKind == JsonValueKind.Undefined)
            {
                json.WriteStartObject();
                json.WriteEndObject();
            }
            else
            {
                PlaceholderRewriter.Copy(handshake.Auth, json);
            }

            json.WriteEndObject();
        }

        // One level deeper than what the client sent, which may be as deep as packets are allowed to be.
        var reader = new Utf8JsonReader(buffer.WrittenSpan, new JsonReaderOptions { MaxDepth = PlaceholderRewriter.MaxDepth });
        return JsonElement.ParseValue(ref reader);
    }

    private static void WriteAll(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, StringValues> values, Func<string, string> spell)
    {
        json.WriteStartObject(name);
        foreach (var (key, value) in values)
        {
            json.WriteString(spell(key), value.ToString());
        }

        json.WriteEndObject();
    }
}
