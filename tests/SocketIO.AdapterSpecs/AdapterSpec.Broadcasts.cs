using StickyAspire.SocketIO;
using StickyAspire.TestSupport;

namespace SocketIO.AdapterSpecs;

/// <summary>Events to many, and their answers.</summary>
public abstract partial class AdapterSpec
{
    [Fact]
    public async Task Emit_ReachesEveryone()
    {
        foreach (var (i, server) in Servers.Index())
        {
            await server.IO.EmitAsync($"test {i}", 1, "2", new { three = new object?[] { 3, null, true } });
            await AssertHeardAsync($"test {i}", Clients);
        }

        Assert.All(Clients, client => Assert.Equal("""1 2 {"three":[3,null,true]}""", string.Join(' ', client.Received("test 0")[0].Arguments.Take(3))));
    }

    [Fact]
    public async Task Emit_CarriesBytes()
    {
        foreach (var (i, server) in Servers.Index())
        {
            await server.IO.EmitAsync($"bytes {i}", new byte[] { 1, 2, 0x7B }, new { deep = new byte[] { 3 } });
            await AssertHeardAsync($"bytes {i}", Clients);
            Assert.All(Clients, client => Assert.Equal([[1, 2, 0x7B], [3]], client.Received($"bytes {i}")[0].Attachments));
        }
    }

    [Fact]
    public async Task Emit_ToRoomsAndExcept_ReachesEachOnce()
    {
        await JoinAsync("a", Clients[0], Clients[^1]);
        await JoinAsync("b", Clients);
        foreach (var (i, server) in Servers.Index())
        {
            await server.IO.To("a").EmitAsync($"one room {i}");
            await server.IO.To("a", "b").EmitAsync($"two rooms {i}");
            await server.IO.To("b").Except("a").EmitAsync($"one but the other {i}");
            await server.IO.Except(Clients[0].Id).EmitAsync($"all but one {i}");
            await server.IO.To(Clients[^1].Id).EmitAsync($"one {i}");
            await server.IO.To("nobody").EmitAsync($"nobody {i}");
        }

        foreach (var i in Enumerable.Range(0, ServerCount))
        {
            await AssertHeardAsync($"one room {i}", [.. new[] { Clients[0], Clients[^1] }.Distinct()]);
            await AssertHeardAsync($"two rooms {i}", Clients);
            await AssertHeardAsync($"one but the other {i}", [.. Clients.Except([Clients[0], Clients[^1]])]);
            await AssertHeardAsync($"all but one {i}", Clients[1..]);
            await AssertHeardAsync($"one {i}", Clients[^1]);
            await AssertHeardAsync($"nobody {i}");
        }
    }

    [Fact]
    public async Task EmitLocal_StaysHere()
    {
        foreach (var (i, server) in Servers.Index())
        {
            await server.IO.Local.EmitAsync($"local {i}");
            await AssertHeardAsync($"local {i}", Clients[i]);
        }
    }

    [Fact]
    public async Task SocketBroadcast_LeavesOutTheSender()
    {
        foreach (var client in Clients)
        {
            await client.Server.IO.Sockets[client.Id].Broadcast.EmitAsync($"by {client.Id}");
            await AssertHeardAsync($"by {client.Id}", [.. Clients.Where(other => other != client)]);
        }
    }

    [Fact]
    public async Task EventsOfOneServer_KeepTheirOrder()
    {
        const int Count = 500;
        await Task.WhenAll(Servers.Select((server, i) => Task.Run(async () =>
        {
            for (var n = 0; n < Count; n++)
            {
                await server.IO.EmitAsync($"number {i}", n);
            }
        })));

        await Eventually.TrueAsync(() => Clients.All(client => Enumerable.Range(0, ServerCount).All(i => client.Received($"number {i}").Count >= Count)), () => "all numbers came");
        Assert.All(Clients, client => Assert.All(
            Enumerable.Range(0, ServerCount),
            i => Assert.Equal(Enumerable.Range(0, Count), client.Received($"number {i}").Select(one => one.Number))));
    }

    [Fact]
    public async Task EmitWithAck_GathersAnswersAndThoseThatCameInTime()
    {
        foreach (var (c, client) in Clients.Index())
        {
            client.Answer("question", c);
        }

        foreach (var server in Servers)
        {
            Assert.Equal(Enumerable.Range(0, Clients.Length), (await server.IO.Timeout(TimeSpan.FromSeconds(20)).EmitWithAckAsync<int>("question")).Order());
            Assert.Empty(await server.IO.To("nobody").Timeout(TimeSpan.FromSeconds(20)).EmitWithAckAsync<int>("question"));
        }

        Clients[0].Answer("half", "yes");
        foreach (var server in Servers)
        {
            await using var silent = await Running.SpecClient.ConnectAsync(Servers[^1]);
            var exception = await Assert.ThrowsAsync<BroadcastTimeoutException<string>>(
                () => server.IO.To(Clients[0].Id, silent.Id).Timeout(TimeSpan.FromSeconds(1)).EmitWithAckAsync<string>("half"));
            Assert.Equal(["yes"], exception.Responses);
        }
    }

    [Fact]
    public async Task NamespacesAreApart()
    {
        foreach (var server in Servers)
        {
            server.IO.Of("/other");
        }

        await using var guest = await Running.SpecClient.ConnectAsync(Servers[0], "/other");
        await Eventually.TrueAsync(
            async () =>
            {
                await Servers[^1].IO.Of("/other").EmitAsync("for guests");
                return guest.Received("for guests").Count > 0;
            },
            () => "the other namespace's client is reached");
        await Servers[^1].IO.EmitAsync("for all");
        await AssertHeardAsync("for all", Clients);

        Assert.Empty(guest.Received("for all"));
        Assert.All(Clients, client => Assert.Empty(client.Received("for guests")));
    }
}
