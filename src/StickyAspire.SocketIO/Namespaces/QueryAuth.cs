using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;

namespace StickyAspire.SocketIO;

/// <summary>The auth of a client of protocol 3: the query behind the namespace's name, as an object of texts.</summary>
internal static class QueryAuth
{
    public static JsonElement Read(string query)
    {
        var buffer = new ArrayBufferWriter<byte>(64);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var (name, value) in QueryHelpers.ParseQuery(query))
            {
                json.WriteString(name, value.ToString());
            }

            json.WriteEndObject();
        }

        return JsonElement.Parse(buffer.WrittenSpan);
    }
}
