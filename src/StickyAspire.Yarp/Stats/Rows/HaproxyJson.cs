using System.Text.Json;

namespace StickyAspire.Yarp.Stats.Rows;

/// <summary>HAProxy's typed JSON (<c>;json</c>, as its <c>;json-schema</c> describes it): an array of rows, each an array of fields with their tags.</summary>
internal static class HaproxyJson
{
    public static byte[] Write(StatsSnapshot snapshot)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            foreach (var row in snapshot.Rows)
            {
                json.WriteStartArray();
                for (var field = 0; field < StatsFields.All.Length; field++)
                {
                    if (row[(StatsField)field] is { } value)
                    {
                        WriteField(json, row, field, value);
                    }
                }

                json.WriteEndArray();
            }

            json.WriteEndArray();
        }

        return buffer.ToArray();
    }

    private static void WriteField(Utf8JsonWriter json, StatsRow row, int position, object value)
    {
        var field = StatsFields.All[position];
        json.WriteStartObject();
        json.WriteString("objType"u8, row.Type.ToString());
        json.WriteNumber("proxyId"u8, row.ProxyId);
        json.WriteNumber("id"u8, row.Id);
        json.WriteStartObject("field"u8);
        json.WriteNumber("pos"u8, position);
        json.WriteString("name"u8, field.Name);
        json.WriteEndObject();
        json.WriteNumber("processNum"u8, 1);
        json.WriteStartObject("tags"u8);
        json.WriteString("origin"u8, field.Origin);
        json.WriteString("nature"u8, field.Nature);
        json.WriteString("scope"u8, field.Scope);
        json.WriteEndObject();
        json.WriteStartObject("value"u8);
        json.WriteString("type"u8, field.Type);
        if (value is long number)
        {
            json.WriteNumber("value"u8, number);
        }
        else
        {
            json.WriteString("value"u8, (string)value);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }
}
