using System.Text.Json;
using System.Text.Json.Nodes;

namespace StickyAspire.SocketIO.Admin;

/// <summary>What the admin page shows of a server as a whole.</summary>
internal sealed class AdminStats(SocketIOServer server, AdminUIOptions options, TimeProvider timeProvider)
{
    private readonly long _startedAt = timeProvider.GetTimestamp();

    /// <summary>The state now, with what has happened since the last call.</summary>
    public JsonElement Take()
    {
        var now = timeProvider.GetUtcNow().ToUnixTimeSeconds() * 1_000;
        var events = new JsonArray();
        foreach (var (type, subType, count) in server.Metrics.Traffic!.Take())
        {
            if (count > 0)
            {
                events.Add((JsonNode)new JsonObject { ["timestamp"] = now, ["type"] = type, ["subType"] = subType, ["count"] = count });
            }
        }

        var namespaces = new JsonArray();
        foreach (var nsp in server.Namespaces)
        {
            namespaces.Add((JsonNode)new JsonObject { ["name"] = nsp.Name, ["socketsCount"] = nsp.ConnectedSockets.Count });
        }

        var stats = new JsonObject
        {
            ["serverId"] = options.ServerId ?? $"{Environment.MachineName}#{Environment.ProcessId}",
            ["hostname"] = Environment.MachineName,
            ["pid"] = Environment.ProcessId,
            ["uptime"] = timeProvider.GetElapsedTime(_startedAt).TotalSeconds,
            ["clientsCount"] = server.Engine.SessionCount,
            ["pollingClientsCount"] = server.Engine.PollingCount,
            ["aggregatedEvents"] = events,
            ["namespaces"] = namespaces,
        };
        return JsonElement.Parse(stats.ToJsonString());
    }
}
