using System.Text.Json;

namespace ControlHost;

/// <summary>The JSON of a control request.</summary>
internal sealed class ControlRequest(JsonElement json)
{
    public string Operation => Text("op") ?? throw new ArgumentException("A request names its operation as \"op\".");

    public string Namespace => Text("nsp") ?? "/";

    public bool Has(string name) => json.TryGetProperty(name, out var value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined);

    public string? Text(string name) => Has(name) ? json.GetProperty(name).GetString() : null;

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
        return value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(item => item.GetString()!)] : [value.GetString()!];
    }

    public TimeSpan? Milliseconds(string name) => Has(name) ? TimeSpan.FromMilliseconds(json.GetProperty(name).GetDouble()) : null;

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
        return (values[0].GetString()!, [.. values.EnumerateArray().Skip(1).Select(value => (object?)value.Deserialize<WireValue>())]);
    }

    private static bool IsTrue(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;
}
