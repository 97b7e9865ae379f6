using System.Text.Json;
using System.Text.Json.Nodes;
using Cluster.Tests.Running;
using StickyAspire.TestSupport;

namespace Cluster.Tests.Scenarios;

/// <summary>
/// What a cluster must do, whoever's servers it is made of. Each server has one client; whoever can act does, in turn, so that each scenario goes in every direction.
/// Derived classes name the adapter.
/// </summary>
public abstract partial class ClusterScenarios<TCluster>(TCluster cluster) : IClassFixture<TCluster>, IAsyncLifetime
    where TCluster : ServerCluster
{
    private protected TCluster Cluster => cluster;

    private protected IReadOnlyList<ClusterServer> Servers => cluster.Servers;

    /// <summary>One client of each server, in the servers' order.</summary>
    private protected ClusterClient[] Clients { get; set; } = [];

    public async ValueTask InitializeAsync() => Clients = await Task.WhenAll(Servers.Select(server => cluster.Driver.ConnectAsync(server)));

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await cluster.ResetAsync();
    }

    /// <summary>Clients of the namespace, one for each server.</summary>
    private async Task<ClusterClient[]> ConnectAsync(string nsp)
    {
        await cluster.UseNamespaceAsync(nsp);
        return await Task.WhenAll(Servers.Select(server => cluster.Driver.ConnectAsync(server, nsp)));
    }

    /// <summary>Puts clients into a room, each by its own server.</summary>
    private protected async Task JoinAsync(string room, params ClusterClient[] clients)
    {
        foreach (var client in clients)
        {
            await client.Server.CallAsync("socketJoin", new { sid = client.Id, targets = new[] { room } });
        }

        await cluster.WaitForRoomAsync(room, clients.Select(client => client.Server).Distinct().Count());
    }

    private protected static async Task<string[]> RoomsOfAsync(ClusterClient client) =>
        [.. (await client.Server.CallAsync("socket", new { sid = client.Id })).GetProperty("rooms").EnumerateArray().Select(room => room.GetString()!)];

    /// <summary>Waits until exactly these clients of all are in a room.</summary>
    private async Task AssertMembersAsync(string room, params ClusterClient[] members)
    {
        var inside = new List<int>();
        var expected = Enumerable.Range(0, Clients.Length).Where(i => members.Contains(Clients[i])).ToArray();
        await Eventually.TrueAsync(
            async () =>
            {
                inside.Clear();
                for (var i = 0; i < Clients.Length; i++)
                {
                    if ((await RoomsOfAsync(Clients[i])).Contains(room))
                    {
                        inside.Add(i);
                    }
                }

                return inside.SequenceEqual(expected);
            },
            () => $"clients {string.Join(", ", expected)} are in {room}, and no others; there are {string.Join(", ", inside)}");
    }

    /// <summary>Waits until exactly these clients have heard the event, once and with these arguments, and everything sent before has come.</summary>
    private protected async Task AssertHeardAsync(string eventName, IEnumerable<ClusterClient> listeners, string args = "[]", IEnumerable<ClusterClient>? all = null)
    {
        var everybody = (all ?? Clients).ToArray();
        var expected = listeners.ToArray();
        await Eventually.TrueAsync(
            () => expected.All(client => client.Received(eventName).Length > 0),
            () => $"{Names(expected)} heard \"{eventName}\"; it was heard by {Names(everybody.Where(client => client.Received(eventName).Length > 0))}");
        await FenceAsync(everybody);
        foreach (var client in everybody)
        {
            var received = client.Received(eventName);
            Assert.True(
                received.Length == (expected.Contains(client) ? 1 : 0),
                $"{Names([client])} heard \"{eventName}\" {received.Length} times; it was meant for {Names(expected)}.");
            Assert.All(received, heard => AssertJson(args, heard));
        }
    }

    /// <summary>When an event of each server that came after all else has reached each client, so has all else.</summary>
    private protected async Task FenceAsync(ClusterClient[] clients)
    {
        if (clients.Any(client => client.DisconnectReason is not null) || clients.Except(Clients).Any())
        {
            return;
        }

        var fences = Servers.Select(_ => $"fence {Guid.NewGuid():N}").ToArray();
        for (var i = 0; i < fences.Length; i++)
        {
            await Servers[i].CallAsync("emit", new { args = new[] { fences[i] } });
        }

        await Eventually.TrueAsync(() => clients.All(client => fences.All(client.Heard().Contains)), () => "the events that close the scenario reached everyone");
    }

    /// <summary>Compares with what was expected. Where sessions are recovered, an event's last argument is its place in the stream.</summary>
    private protected void AssertJson(string expected, JsonElement actual)
    {
        var node = JsonNode.Parse(actual.GetRawText())!;
        if (cluster.Recovers && node is JsonArray { Count: > 0 } array && array.Count > JsonNode.Parse(expected)!.AsArray().Count
            && array[^1] is JsonValue last && last.TryGetValue<string>(out var offset) && offset.Contains('-', StringComparison.Ordinal))
        {
            array.RemoveAt(array.Count - 1);
        }

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), node), $"Expected {expected}, got {actual.GetRawText()}");
    }

    private protected string Names(IEnumerable<ClusterClient> clients) =>
        string.Join(", ", clients.Select(client => $"{client.Server.Kind} {Servers.ToList().IndexOf(client.Server)}").DefaultIfEmpty("nobody"));

    private protected static string Json(object? value) => JsonSerializer.Serialize(value);
}
