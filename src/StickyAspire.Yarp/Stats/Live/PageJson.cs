using System.Text.Json;
using StickyAspire.Yarp.Stats.Rows;

namespace StickyAspire.Yarp.Stats.Live;

/// <summary>What the page is fed with: <c>{"time", "uptime", "rows": [{"pxname", …}], "history": {"proxy/server": {"rate", "scur", "bytes"}}}</c>, fields by HAProxy's names.</summary>
internal static class PageJson
{
    public static byte[] Write(StatsSnapshot snapshot, IReadOnlyDictionary<(string Proxy, string Name), RowHistory>? histories)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("time"u8, snapshot.Time.ToUnixTimeMilliseconds());
            json.WriteNumber("uptime"u8, (long)snapshot.Uptime.TotalSeconds);
            WriteRows(json, snapshot);
            if (histories is not null)
            {
                WriteHistories(json, histories);
            }

            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static void WriteRows(Utf8JsonWriter json, StatsSnapshot snapshot)
    {
        json.WriteStartArray("rows"u8);
        foreach (var row in snapshot.Rows)
        {
            json.WriteStartObject();
            for (var field = 0; field < StatsFields.All.Length; field++)
            {
                switch (row[(StatsField)field])
                {
                    case long number:
                        json.WriteNumber(StatsFields.All[field].Name, number);
                        break;

                    case string text:
                        json.WriteString(StatsFields.All[field].Name, text);
                        break;
                }
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteHistories(Utf8JsonWriter json, IReadOnlyDictionary<(string Proxy, string Name), RowHistory> histories)
    {
        json.WriteStartObject("history"u8);
        foreach (var (key, history) in histories)
        {
            json.WriteStartObject($"{key.Proxy}/{key.Name}");
            WriteSeries(json, "rate", history.Rates);
            WriteSeries(json, "scur", history.Sessions);
            WriteSeries(json, "bytes", history.Bytes);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteSeries(Utf8JsonWriter json, string name, IEnumerable<long> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteNumberValue(value);
        }

        json.WriteEndArray();
    }
}
