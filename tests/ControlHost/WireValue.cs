using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace ControlHost;

/// <summary>
/// Any value that an event can carry, bytes included: <c>{"$binary": base64}</c> where control requests hold it, an attachment where Socket.IO does.
/// </summary>
/// <param name="Value">Null, a <see cref="JsonElement"/> that is no container, bytes, a list, or a dictionary.</param>
[JsonConverter(typeof(WireValueConverter))]
internal sealed record WireValue(object? Value)
{
    public const string BinaryName = "$binary";

    /// <summary>The value as control answers have it.</summary>
    public JsonNode? ToJson() => ToJson(Value);

    private static JsonNode? ToJson(object? value) => value switch
    {
        null => null,
        byte[] bytes => new JsonObject { [BinaryName] = Convert.ToBase64String(bytes) },
        List<object?> list => new JsonArray([.. list.Select(ToJson)]),
        Dictionary<string, object?> map => new JsonObject(map.Select(pair => KeyValuePair.Create(pair.Key, ToJson(pair.Value)))),
        JsonElement element => JsonValue.Create(element),
        _ => throw new InvalidOperationException($"No value of an event is a {value.GetType()}."),
    };
}
