using Cluster.Tests.Running;
using StickyAspire.TestSupport;

namespace Cluster.Tests.Scenarios;

/// <summary>Events to many.</summary>
public abstract partial class ClusterScenarios<TCluster>
{
    [Fact]
    public async Task Emit_ReachesEveryClientOnce_AsItWas()
    {
        foreach (var (i, server) in Servers.Index())
        {
            await server.CallAsync("emit", new { args = new object?[] { $"test {i}", 1, "2", new { three = new object?[] { 3.5, null, true, "ünï😀" } }, long.MaxValue / 1024, -129, "" } });
        }

        foreach (var i in Enumerable.Range(0, Servers.Count))
        {
            await AssertHeardAsync($"test {i}", Clients, """[1,"2",{"three":[3.5,null,true,"ünï😀"]},9007199254740991,-129,""]""");
        }
    }

    [Fact]
    public async Task Emit_CarriesBytes_WhereverTheyStand()
    {
        var bytes = new Dictionary<string, string> { ["$binary"] = Convert.ToBase64String([0, 1, 0x7B, 0xFF]) };
        foreach (var (i, server) in Servers.Index())
        {
            await server.CallAsync("emit", new { args = new object?[] { $"bytes {i}", bytes, new { deep = new object[] { 1, bytes } }, "end" } });
        }

        foreach (var i in Enumerable.Range(0, Servers.Count))
        {
            await AssertHeardAsync($"bytes {i}", Clients, Json(new object[] { bytes, new { deep = new object[] { 1, bytes } }, "end" }));
        }
    }

    [Fact]
    public async Task EmitToNamespace_ReachesItsClientsOnly()
    {
        var guests = await ConnectAsync("/custom");
        foreach (var (i, server) in Servers.Index())
        {
            await server.CallAsync("emit", new { nsp = "/custom", args = new[] { $"custom {i}" } });
        }

        foreach (var i in Enumerable.Range(0, Servers.Count))
        {
            await Eventually.TrueAsync(() => guests.All(guest => guest.Received($"custom {i}").Length == 1), () => $"every client of /custom heard server {i}");
            await AssertHeardAsync($"custom {i}", []);
        }

        await FenceAsync(Clients);
        Assert.All(guests, guest => Assert.DoesNotContain(guest.Heard(), name => name.StartsWith("fence", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task EmitToRoom_ReachesItsMembersOnly()
    {
        foreach (var (m, member) in Clients.Index())
        {
            await JoinAsync($"room {m}", member);
            foreach (var (i, server) in Servers.Index())
            {
                await server.CallAsync("emit", new { rooms = new[] { $"room {m}" }, args = new[] { $"to {m} from {i}" } });
            }
        }

        foreach (var (m, member) in Clients.Index())
        {
            foreach (var i in Enumerable.Range(0, Servers.Count))
            {
                await AssertHeardAsync($"to {m} from {i}", [member]);
            }
        }
    }

    [Theory]
    [InlineData("a#b#")]
    [InlineData("*?[x]")]
    [InlineData("räume 😀")]
    [InlineData("12345")]
    [InlineData("twenty characters 20")]
    [InlineData("/")]
    public async Task EmitToRoom_WhateverItsName(string room)
    {
        // One of twenty characters looks like a socket's id to the sharded adapter, which then sends by another channel.
        await JoinAsync(room, Clients[0], Clients[^1]);
        foreach (var (i, server) in Servers.Index())
        {
            await server.CallAsync("emit", new { rooms = new[] { room }, args = new[] { $"named {i}" } });
        }

        foreach (var i in Enumerable.Range(0, Servers.Count))
        {
            await AssertHeardAsync($"named {i}", [Clients[0], Clients[^1]]);
        }
    }

    [Fact]
    public async Task EmitToSeveralRooms_ReachesWhoIsInAnyOfThemOnce()
    {
        await JoinAsync("first", Clients[0], Clients[1]);
        await JoinAsync("second", Clients[0], Clients[^1]);
        foreach (var (i, server) in Servers.Index())
        {
            await server.CallAsync("emit", new { rooms = new[] { "first", "second" }, args = new[] { $"union {i}" } });
        }

        foreach (var i in Enumerable.Range(0, Servers.Count))
        {
            await AssertHeardAsync($"union {i}", [Clients[0], Clients[1], Clients[^1]]);
        }
    }

    [Fact]
    public async Task EmitExcept_LeavesOutRoomsAndSockets()
    {
        await JoinAsync("all", Clients);
        await JoinAsync("out", Clients[1]);
        foreach (var (i, server) in Servers.Index())
        {
            await server.CallAsync("emit", new { except = new[] { "out" }, args = new[] { $"but a room {i}" } });
            await server.CallAsync("emit", new { rooms = new[] { "all" }, except = new[] { "out", Clients[0].Id }, args = new[] { $"but both {i}" } });
        }

        foreach (var i in Enumerable.Range(0, Servers.Count))
        {
            await AssertHeardAsync($"but a room {i}", Clients.Where((_, c) => c != 1));
            await AssertHeardAsync($"but both {i}", Clients.Where((_, c) => c > 1));
        }
    }

    [Fact]
    public async Task EmitToSocketId_ReachesThatSocketWhereverItIs()
    {
        foreach (var (m, member) in Clients.Index())
        {
            await cluster.WaitForRoomAsync(member.Id, cluster.Adapter == "sharded-dynamic" ? 0 : 1);
            foreach (var (i, server) in Servers.Index())
            {
                await server.CallAsync("emit", new { rooms = new[] { member.Id }, args = new[] { $"private {m} from {i}" } });
            }
        }

        foreach (var (m, member) in Clients.Index())
        {
            foreach (var i in Enumerable.Range(0, Servers.Count))
            {
                await AssertHeardAsync($"private {m} from {i}", [member]);
            }
        }
    }

    [Fact]
    public async Task EmitLocal_StaysOnTheServer()
    {
        await JoinAsync("here and there", Clients);
        foreach (var (i, server) in Servers.Index())
        {
            await server.CallAsync("emit", new { flags = new { local = true }, args = new[] { $"local {i}" } });
            await server.CallAsync("emit", new { rooms = new[] { "here and there" }, flags = new { local = true }, args = new[] { $"local room {i}" } });
        }

        foreach (var (i, client) in Clients.Index())
        {
            await AssertHeardAsync($"local {i}", [client]);
            await AssertHeardAsync($"local room {i}", [client]);
        }
    }

    [Fact]
    public async Task EmitVolatileOrUncompressed_ReachesClientsThatAreNotBusy()
    {
        foreach (var (i, server) in Servers.Index())
        {
            await server.CallAsync("emit", new { flags = new { compress = false }, args = new object[] { $"plain {i}", "y" } });
            await AssertHeardAsync($"plain {i}", Clients, """["y"]""");

            // A client that is being sent something at that moment may miss the event: that is what volatile means. One that is asked again and again will not be busy each time.
            var emitted = 0;
            await Eventually.TrueAsync(
                async () =>
                {
                    emitted++;
                    await server.CallAsync("emit", new { flags = new { @volatile = true }, args = new object[] { $"volatile {i}", "x" } });
                    return Clients.All(client => client.Received($"volatile {i}").Length > 0);
                },
                () => $"every client got a volatile event of server {i}");
            Assert.All(Clients, client =>
            {
                var received = client.Received($"volatile {i}");
                Assert.InRange(received.Length, 1, emitted);
                Assert.All(received, args => Assert.Equal("""["x"]""", args.GetRawText()));
            });
        }
    }

    [Fact]
    public async Task EmitToLeftRoom_ReachesNobody()
    {
        await JoinAsync("left", Clients);
        foreach (var client in Clients)
        {
            await client.Server.CallAsync("socketLeave", new { sid = client.Id, target = "left" });
        }

        foreach (var (i, server) in Servers.Index())
        {
            await server.CallAsync("emit", new { rooms = new[] { "left" }, args = new[] { $"too late {i}" } });
            await AssertHeardAsync($"too late {i}", []);
        }
    }

    [Fact]
    public async Task EventsOfOneServer_ArriveInTheirOrder()
    {
        const int Count = 100;
        await JoinAsync("ordered", Clients);
        await Task.WhenAll(Servers.Select(async (server, i) =>
        {
            for (var n = 0; n < Count; n++)
            {
                // One room only: in sharded mode rooms have channels, and no order among them.
                await server.CallAsync("emit", new { rooms = new[] { "ordered" }, args = new object[] { $"number {i}", n } });
            }
        }));

        await Eventually.TrueAsync(
            () => Clients.All(client => Enumerable.Range(0, Servers.Count).All(i => client.Received($"number {i}").Length >= Count)),
            () => "all numbers came");
        foreach (var i in Enumerable.Range(0, Servers.Count))
        {
            Assert.All(Clients, client => Assert.Equal(Enumerable.Range(0, Count), client.Received($"number {i}").Select(args => args[0].GetInt32())));
        }
    }

    [Fact]
    public async Task LargeEvent_Arrives()
    {
        var text = new string('x', 300_000) + "€";
        foreach (var (i, server) in Servers.Index())
        {
            await server.CallAsync("emit", new { args = new object[] { $"large {i}", text } });
        }

        foreach (var i in Enumerable.Range(0, Servers.Count))
        {
            await AssertHeardAsync($"large {i}", Clients, Json(new[] { text }));
        }
    }
}
