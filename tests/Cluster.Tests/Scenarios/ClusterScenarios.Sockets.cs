using System.Text.Json;
using Cluster.Tests.Running;
using StickyAspire.TestSupport;

namespace Cluster.Tests.Scenarios;

/// <summary>What servers do to each other's sockets, and know of them.</summary>
public abstract partial class ClusterScenarios<TCluster>
{
    [Fact]
    public async Task SocketsJoin_AllSomeAndOne()
    {
        await JoinAsync("some", Clients[0], Clients[^1]);
        foreach (var (i, server) in Servers.Index())
        {
            await server.CallAsync("socketsJoin", new { targets = new[] { $"all {i}", $"all too {i}" } });
            await server.CallAsync("socketsJoin", new { rooms = new[] { "some" }, targets = new[] { $"some {i}" } });
            await server.CallAsync("socketsJoin", new { except = new[] { "some" }, targets = new[] { $"others {i}" } });
            await server.CallAsync("socketsJoin", new { rooms = new[] { Clients[1].Id }, targets = new[] { $"one {i}" } });
        }

        foreach (var i in Enumerable.Range(0, Servers.Count))
        {
            await AssertMembersAsync($"all {i}", Clients);
            await AssertMembersAsync($"all too {i}", Clients);
            await AssertMembersAsync($"some {i}", Clients[0], Clients[^1]);
            await AssertMembersAsync($"others {i}", Clients[1..^1]);
            await AssertMembersAsync($"one {i}", Clients[1]);
        }
    }

    [Fact]
    public async Task SocketsLeave_AllSomeAndOne()
    {
        await JoinAsync("some", Clients[0], Clients[1]);
        foreach (var (i, server) in Servers.Index())
        {
            foreach (var room in new[] { $"all {i}", $"partly {i}", $"one {i}" })
            {
                await JoinAsync(room, Clients);
            }

            await server.CallAsync("socketsLeave", new { targets = new[] { $"all {i}" } });
            await server.CallAsync("socketsLeave", new { rooms = new[] { "some" }, targets = new[] { $"partly {i}" } });
            await server.CallAsync("socketsLeave", new { rooms = new[] { Clients[1].Id }, targets = new[] { $"one {i}" } });
        }

        foreach (var i in Enumerable.Range(0, Servers.Count))
        {
            await AssertMembersAsync($"all {i}");
            await AssertMembersAsync($"partly {i}", Clients[2..]);
            await AssertMembersAsync($"one {i}", [.. Clients.Where((_, c) => c != 1)]);
        }
    }

    [Fact]
    public async Task RoomJoinedByAnotherServer_IsReachedByAll()
    {
        await Servers[0].CallAsync("socketsJoin", new { rooms = new[] { Clients[^1].Id }, targets = new[] { "joined from afar" } });
        await AssertMembersAsync("joined from afar", Clients[^1]);
        await cluster.WaitForRoomAsync("joined from afar", 1);
        foreach (var (i, server) in Servers.Index())
        {
            await server.CallAsync("emit", new { rooms = new[] { "joined from afar" }, args = new[] { $"welcome {i}" } });
        }

        foreach (var i in Enumerable.Range(0, Servers.Count))
        {
            await AssertHeardAsync($"welcome {i}", [Clients[^1]]);
        }
    }

    [Fact]
    public async Task DisconnectSockets_EndsThemAfterWhatWasSentBefore()
    {
        foreach (var (i, server) in Servers.Index())
        {
            var guests = await ConnectAsync("/leaving");
            await server.CallAsync("emit", new { nsp = "/leaving", args = new[] { "bye" } });
            await server.CallAsync("disconnectSockets", new { nsp = "/leaving", close = i % 2 == 1 });

            await Eventually.TrueAsync(() => guests.All(guest => guest.DisconnectReason is not null), () => $"server {i} disconnected all; yet to go are {Names(guests.Where(guest => guest.DisconnectReason is null))}");
            Assert.All(guests, guest => Assert.Equal("io server disconnect", guest.DisconnectReason));
            Assert.All(guests, guest => Assert.Single(guest.Received("bye")));
        }

        Assert.All(Clients, client => Assert.Null(client.DisconnectReason));
    }

    [Fact]
    public async Task DisconnectSockets_OfARoom()
    {
        var guests = await ConnectAsync("/leaving");
        foreach (var (i, server) in Servers.Index())
        {
            var target = guests[(i + 1) % guests.Length];
            await server.CallAsync("disconnectSockets", new { nsp = "/leaving", rooms = new[] { target.Id } });

            await Eventually.TrueAsync(() => target.DisconnectReason is not null, () => "the client was disconnected");
            Assert.Equal(i + 1, guests.Count(guest => guest.DisconnectReason is not null));
        }
    }

    [Fact]
    public async Task FetchSockets_FindsAllSomeAndItsOwn()
    {
        await JoinAsync("fetched", Clients[0], Clients[^1]);
        foreach (var (i, server) in Servers.Index())
        {
            Assert.Equal(Ids(Clients), Ids(await server.CallAsync("fetchSockets")));
            Assert.Equal(Ids([Clients[0], Clients[^1]]), Ids(await server.CallAsync("fetchSockets", new { rooms = new[] { "fetched" } })));
            Assert.Equal(Ids(Clients[1..^1]), Ids(await server.CallAsync("fetchSockets", new { except = new[] { "fetched" } })));
            Assert.Equal(Ids([Clients[i]]), Ids(await server.CallAsync("fetchSockets", new { flags = new { local = true } })));
            Assert.Empty(Ids(await server.CallAsync("fetchSockets", new { rooms = new[] { "nobody" } })));
        }
    }

    [Fact]
    public async Task FetchSockets_TellsDataHandshakeAndRooms()
    {
        foreach (var (c, owner) in Servers.Index())
        {
            var client = await cluster.Driver.ConnectAsync(owner, options: new
            {
                auth = new { token = "secret", roles = new[] { 1, 2 } },
                query = new { x = "y z" },
                extraHeaders = new Dictionary<string, string> { ["X-Custom"] = "Käse"[..1] + "ase" },
            });
            await JoinAsync($"described {c}", client);
            await owner.CallAsync("socketData", new { sid = client.Id, data = new { user = "ünï", n = 1, list = new object?[] { true, null } } });
            var own = await owner.CallAsync("socket", new { sid = client.Id });
            foreach (var server in Servers)
            {
                var found = Assert.Single((await server.CallAsync("fetchSockets", new { rooms = new[] { client.Id } })).EnumerateArray());

                Assert.Equal(client.Id, found.GetProperty("id").GetString());
                Assert.Equal([client.Id, $"described {c}"], found.GetProperty("rooms").EnumerateArray().Select(room => room.GetString()).OrderBy(room => room != client.Id));
                Assert.True(JsonElement.DeepEquals(JsonElement.Parse("""{"user":"ünï","n":1,"list":[true,null]}"""), found.GetProperty("data")), found.GetRawText());
                var handshake = found.GetProperty("handshake");
                Assert.True(JsonElement.DeepEquals(own.GetProperty("handshake"), handshake), $"{own} on its server, {found} on another");
                Assert.True(JsonElement.DeepEquals(JsonElement.Parse("""{"token":"secret","roles":[1,2]}"""), handshake.GetProperty("auth")), found.GetRawText());
                Assert.Equal("y z", handshake.GetProperty("query").GetProperty("x").GetString());
                Assert.Equal("Kase", handshake.GetProperty("headers").GetProperty("x-custom").GetString());
                Assert.Equal(JsonValueKind.Number, handshake.GetProperty("issued").ValueKind);
                Assert.StartsWith("/socket.io/?", handshake.GetProperty("url").GetString(), StringComparison.Ordinal);
                Assert.False(handshake.GetProperty("secure").GetBoolean());
                Assert.EndsWith("127.0.0.1", handshake.GetProperty("address").GetString(), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task FetchSockets_OneServerIsSilent_TimesOut()
    {
        Servers[^1].SetFrozen(true);
        try
        {
            foreach (var server in Servers.SkipLast(1))
            {
                var error = await Assert.ThrowsAsync<ControlException>(() => server.CallAsync("fetchSockets", new { flags = new { timeout = 1500 } }));
                Assert.Equal(
                    cluster.Adapter.StartsWith("pubsub", StringComparison.Ordinal)
                        ? "timeout reached while waiting for fetchSockets response"
                        : $"timeout reached: only {Servers.Count - 2} responses received out of {Servers.Count - 1}",
                    error.Message);
            }
        }
        finally
        {
            Servers[^1].SetFrozen(false);
        }

        await Servers[^1].CallAsync("stats");
    }

    [Fact]
    public async Task AllRooms_KnowsEveryServersRooms()
    {
        foreach (var (c, client) in Clients.Index())
        {
            await JoinAsync($"room of {c}", client);
        }

        foreach (var server in Servers.Where(KnowsRooms))
        {
            Assert.Equal(
                Clients.SelectMany((client, c) => new[] { client.Id, $"room of {c}" }).Order(StringComparer.Ordinal),
                (await server.CallAsync("allRooms")).EnumerateArray().Select(room => room.GetString()!).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task RoomsOfClientsThatLeft_AreGone()
    {
        await JoinAsync("deserted", Clients[0]);
        await Clients[0].CallAsync("disconnect");

        foreach (var server in Servers)
        {
            await Eventually.TrueAsync(
                async () => !Ids(await server.CallAsync("fetchSockets")).Contains(Clients[0].Id) && (!KnowsRooms(server)
                    || !(await server.CallAsync("allRooms")).EnumerateArray().Any(room => room.GetString() == "deserted" || room.GetString() == Clients[0].Id)),
                () => "the client and its room are gone");
        }

        await cluster.WaitForRoomAsync("deserted", 0);
    }

    /// <summary>Of Node's adapters only the classic one can say.</summary>
    private bool KnowsRooms(ClusterServer server) => cluster.Adapter.StartsWith("pubsub", StringComparison.Ordinal) || Servers.All(each => each.Kind == ServerKind.Ours) && server.Kind == ServerKind.Ours;

    private static string[] Ids(IEnumerable<ClusterClient> clients) => [.. clients.Select(client => client.Id).Order(StringComparer.Ordinal)];

    private static string[] Ids(JsonElement sockets) => [.. sockets.EnumerateArray().Select(socket => socket.GetProperty("id").GetString()!).Order(StringComparer.Ordinal)];
}
