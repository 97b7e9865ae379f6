using System.Text.Json;

namespace Cluster.Tests.Running;

/// <summary>One client, and what it has heard.</summary>
internal sealed class ClusterClient(ClientDriver driver, ClusterServer server, string name)
{
    private readonly Lock _gate = new();
    private readonly List<JsonElement> _events = [];

    public string Name { get; } = name;

    /// <summary>The server it connected to at first.</summary>
    public ClusterServer Server { get; } = server;

    /// <summary>Its socket's id, as of its last connect.</summary>
    public string Id { get; private set; } = "";

    /// <summary>How often it has connected.</summary>
    public int Connects { get; private set; }

    /// <summary>Whether its last connect brought back what it had.</summary>
    public bool IsRecovered { get; private set; }

    /// <summary>Why it was disconnected last; null while it is not.</summary>
    public string? DisconnectReason { get; private set; }

    /// <summary>The events of that name, each with its arguments, in their order.</summary>
    public JsonElement[] Received(string eventName)
    {
        lock (_gate)
        {
            return [.. _events.Where(line => line.GetProperty("event").GetString() == eventName).Select(line => line.GetProperty("args"))];
        }
    }

    /// <summary>All events' names, in their order.</summary>
    public string[] Heard()
    {
        lock (_gate)
        {
            return [.. _events.Select(line => line.GetProperty("event").GetString()!)];
        }
    }

    public async Task<JsonElement> CallAsync(string command, object? fields = null)
    {
        var line = JsonSerializer.SerializeToNode(fields ?? new { })!.AsObject();
        line["client"] = Name;
        return await driver.CallAsync(command, line);
    }

    /// <summary>From now on it acknowledges that event.</summary>
    public Task AnswerAsync(string eventName, params object?[] args) => CallAsync("answer", new { @event = eventName, args });

    public void On(JsonElement line)
    {
        lock (_gate)
        {
            switch (line.GetProperty("what").GetString())
            {
                case "event":
                    _events.Add(line);
                    break;
                case "connect":
                    Id = line.GetProperty("sid").GetString()!;
                    IsRecovered = line.GetProperty("recovered").GetBoolean();
                    DisconnectReason = null;
                    Connects++;
                    break;
                case "disconnect":
                    DisconnectReason = line.GetProperty("reason").GetString();
                    break;
            }
        }
    }
}
