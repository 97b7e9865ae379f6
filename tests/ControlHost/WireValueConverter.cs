using System.Text.Json;
using System.Text.Json.Serialization;

namespace ControlHost;

/// <summary>Reads bytes from both forms; writes them as whoever serializes has it, which for Socket.IO is an attachment.</summary>
internal sealed class WireValueConverter : JsonConverter<WireValue>
{
    public override WireValue Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(ReadValue(ref reader, options));

    public override void Write(Utf8JsonWriter writer, WireValue value, JsonSerializerOptions options) => WriteValue(writer, value.Value, options);

    private static object? ReadValue(ref Utf8JsonReader reader, JsonSerializerOptions options)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return null;
            case JsonTokenType.StartArray:
                var list = new List<object?>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    list.Add(ReadValue(ref reader, options));
                }

                return list;
            case JsonTokenType.StartObject:
                return IsAttachment(reader) ? JsonSerializer.Deserialize<byte[]>(ref reader, options) : ReadObject(ref reader, options);
            default:
                return JsonElement.ParseValue(ref reader);
        }
    }

    private static object? ReadObject(ref Utf8JsonReader reader, JsonSerializerOptions options)
    {
        var map = new Dictionary<string, object?>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = reader.GetString()!;
            reader.Read();
            map[name] = ReadValue(ref reader, options);
        }

        return map is { Count: 1 } && map.TryGetValue(WireValue.BinaryName, out var base64) && base64 is JsonElement { ValueKind: JsonValueKind.String } text
            ? text.GetBytesFromBase64()
            : map;
    }

    /// <summary>Whether the object ahead stands for an attachment.</summary>
    private static bool IsAttachment(Utf8JsonReader reader) =>
        reader.Read() && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("_placeholder") && reader.Read() && reader.TokenType == JsonTokenType.True;

    private static void WriteValue(Utf8JsonWriter writer, object? value, JsonSerializerOptions options)
    {
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case List<object?> list:
                writer.WriteStartArray();
                foreach (var item in list)
                {
                    WriteValue(writer, item, options);
                }

                writer.WriteEndArray();
                break;
            case Dictionary<string, object?> map:
                writer.WriteStartObject();
                foreach (var (name, item) in map)
                {
                    writer.WritePropertyName(name);
                    WriteValue(writer, item, options);
                }

                writer.WriteEndObject();
                break;
            case JsonElement element:
                element.WriteTo(writer);
                break;
            default:
                JsonSerializer.Serialize(writer, value, value.GetType(), options);
                break;
        }
    }
}
