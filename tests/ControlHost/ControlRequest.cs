using System.Text.Json;

namespace ControlHost;

/// <summary>The JSON of a control request.</summary>
internal sealed class ControlRequest(JsonElement json)
{
    public string Operation => Text("op") ?? throw new ArgumentException("A request names its operation as \"op\".");

    public string Namespace => Text("nsp") ?? "/";

    public bool Has(string name) => json.TryGetProperty(name, out var value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined);

    public string? Text(string name) => Has(name) ? ToText(json.GetProperty(name), name) : null;

    public string RequiredText(string name) => Text(name) ?? throw new ArgumentException($"{Operation} needs \"{name}\".");

    public bool Flag(string name) => IsTrue(json, name);

    /// <summary>Texts: a list, one alone, or none.</summary>
    public string[] Texts(string name)
    {
        if (!Has(name))
        {
            return [];
        }

        var value = json.GetProperty(name);
        return value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(item => ToText(item, name))] : [ToText(value, name)];
    }

    /// <summary>The limit that <c>timeout</c> sets, or <c>flags.timeout</c>, in milliseconds; null where there is none.</summary>
    public TimeSpan? Timeout => (Value("timeout") ?? OptionValue("timeout")) is { ValueKind: JsonValueKind.Number } value ? TimeSpan.FromMilliseconds(value.GetDouble()) : null;

    public bool Option(string name) => Has("flags") && IsTrue(json.GetProperty("flags"), name);

    /// <summary>A flag of <c>flags</c>, or null where it is not given.</summary>
    public JsonElement? OptionValue(string name) => Has("flags") && json.GetProperty("flags").TryGetProperty(name, out var value) ? value : null;

    public JsonElement? Value(string name) => Has(name) ? json.GetProperty(name) : null;

    /// <summary>The event and its arguments.</summary>
    public (string Name, object?[] Arguments) Event()
    {
        var values = json.TryGetProperty("args", out var args) && args.ValueKind == JsonValueKind.Array && args.GetArrayLength() > 0
            ? args
            : throw new ArgumentException($"{Operation} needs \"args\": an event's name and its arguments.");
        return (ToText(values[0], "args"), [.. values.EnumerateArray().Skip(1).Select(value => (object?)value.Deserialize<WireValue>())]);
    }

    private static string ToText(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new ArgumentException($"In \"{name}\" a text was expected, not {value.GetRawText()}.");

    private static bool IsTrue(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;
}
