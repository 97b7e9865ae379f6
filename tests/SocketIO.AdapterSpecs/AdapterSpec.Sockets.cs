using System.Collections.Concurrent;
using System.Text.Json;
using StickyAspire.SocketIO;
using StickyAspire.TestSupport;

namespace SocketIO.AdapterSpecs;

/// <summary>What is done to sockets wherever they are, and what servers tell each other.</summary>
public abstract partial class AdapterSpec
{
    [Fact]
    public async Task SocketsJoinAndLeave_WhereverTheyAre()
    {
        foreach (var (i, server) in Servers.Index())
        {
            await server.IO.In(Clients[^1].Id).SocketsJoinAsync("few", $"few {i}");
            await server.IO.SocketsJoinAsync($"all {i}");
            await Eventually.TrueAsync(() => MembersOf($"few {i}").SequenceEqual([Clients[^1].Id]) && MembersOf($"all {i}").Length == Clients.Length, () => $"server {i} made sockets join");

            await server.IO.Except("few").SocketsLeaveAsync($"all {i}");
            await server.IO.SocketsLeaveAsync($"few {i}");
            await Eventually.TrueAsync(() => MembersOf($"few {i}").Length == 0 && MembersOf($"all {i}").SequenceEqual([Clients[^1].Id]), () => $"server {i} made sockets leave");
        }
    }

    [Fact]
    public async Task DisconnectSockets_WhereverTheyAre_AfterWhatWasSentBefore()
    {
        foreach (var (i, server) in Servers.Index())
        {
            var guests = await Task.WhenAll(Servers.Select(each => Running.SpecClient.ConnectAsync(each)));
            await server.IO.To([.. guests.Select(guest => guest.Id)]).EmitAsync("bye");
            await server.IO.In([.. guests.Select(guest => guest.Id)]).DisconnectSocketsAsync(close: i % 2 == 0);

            await Eventually.TrueAsync(() => guests.All(guest => i % 2 == 0 ? guest.IsClosed : guest.WasDisconnected), () => $"server {i} disconnected all");
            Assert.All(guests, guest => Assert.Single(guest.Received("bye")));
            foreach (var guest in guests)
            {
                await guest.DisposeAsync();
            }
        }

        Assert.DoesNotContain(Clients, client => client.IsClosed || client.WasDisconnected);
    }

    [Fact]
    public async Task JoinsAndLeavesKeepTheirPlace_AmongBroadcasts()
    {
        const int Count = 100;
        foreach (var (i, server) in Servers.Index())
        {
            // A second room, or a sharded adapter would have a channel of the room's own, to subscribe to first.
            var room = server.IO.To("room", "nobody");
            for (var n = 0; n < Count; n++)
            {
                await server.IO.SocketsJoinAsync("room");
                await room.EmitAsync($"in {i}", n);
                await server.IO.SocketsLeaveAsync("room");
                await room.EmitAsync($"out {i}", n);
            }

            await FenceAsync();
            Assert.All(Clients, client => Assert.Empty(client.Received($"out {i}")));
            Assert.All(Clients, client => Assert.Equal(Enumerable.Range(0, Count), client.Received($"in {i}").Select(one => one.Number)));
        }
    }

    [Fact]
    public async Task FetchSockets_TellsWhoTheyAre()
    {
        foreach (var client in Clients)
        {
            var socket = client.Server.IO.Sockets[client.Id];
            socket.Data["name"] = $"ünï {client.Id}";
            await socket.JoinAsync("room", $"of {client.Id}");
        }

        foreach (var server in Servers)
        {
            var found = await server.IO.In("room").FetchSocketsAsync();

            Assert.Equal(Clients.Select(client => client.Id).Order(StringComparer.Ordinal), found.Select(socket => socket.Id).Order(StringComparer.Ordinal));
            Assert.All(found, socket =>
            {
                Assert.Equal($"ünï {socket.Id}", socket.Data.GetProperty("name").GetString());
                Assert.Equal(new[] { socket.Id, "room", $"of {socket.Id}" }.Order(StringComparer.Ordinal), socket.Rooms.Order(StringComparer.Ordinal));
                Assert.Equal(JsonValueKind.Object, socket.Handshake.GetProperty("headers").ValueKind);
            });
            Assert.Equal([Clients[0].Id], (await server.IO.In($"of {Clients[0].Id}").FetchSocketsAsync()).Select(socket => socket.Id));
            Assert.Single(await server.IO.Local.FetchSocketsAsync());
            Assert.Empty(await server.IO.In("nobody").FetchSocketsAsync());
        }
    }

    [Fact]
    public async Task RemoteSocket_CanBeAskedJoinedAndDisconnected()
    {
        var target = Clients[^1];
        target.Answer("question", "answer");
        var remote = Assert.Single(await Servers[0].IO.In(target.Id).FetchSocketsAsync());

        Assert.Equal("answer", await remote.EmitWithAckAsync<string>(TimeSpan.FromSeconds(20), "question"));
        await Assert.ThrowsAnyAsync<TimeoutException>(() => remote.EmitWithAckAsync<string>(TimeSpan.FromMilliseconds(300), "unanswered"));
        await remote.JoinAsync("joined");
        await Eventually.TrueAsync(() => MembersOf("joined").SequenceEqual([target.Id]), () => "the socket joined");
        await remote.LeaveAsync("joined");
        await Eventually.TrueAsync(() => MembersOf("joined").Length == 0, () => "the socket left");
        await remote.DisconnectAsync();
        await Eventually.TrueAsync(() => target.WasDisconnected, () => "the socket was disconnected");
    }

    [Fact]
    public async Task FetchRooms_KnowsAllRooms_WhileSomebodyIsIn()
    {
        await Clients[0].Server.IO.Sockets[Clients[0].Id].JoinAsync("here");
        await Clients[^1].Server.IO.Sockets[Clients[^1].Id].JoinAsync("there");
        foreach (var server in Servers)
        {
            var rooms = await server.IO.FetchRoomsAsync();
            Assert.Contains("here", rooms);
            Assert.Contains("there", rooms);
        }

        Clients[0].Abort();
        await Eventually.TrueAsync(() => Servers[0].IO.Sockets.Count == 0, () => "the server noticed");
        Assert.DoesNotContain("here", await Servers[^1].IO.FetchRoomsAsync());
    }

    [Fact]
    public async Task ServerSideEmit_ReachesTheOthers()
    {
        var heard = new ConcurrentQueue<(int By, int From)>();
        foreach (var (i, server) in Servers.Index())
        {
            server.IO.On("hello", (int from) => heard.Enqueue((i, from)));
        }

        foreach (var (i, server) in Servers.Index())
        {
            await server.IO.ServerSideEmitAsync("hello", i);
        }

        await Eventually.TrueAsync(() => heard.Count == ServerCount * (ServerCount - 1), () => $"each server heard each other one; {heard.Count} times one did");
        Assert.DoesNotContain(heard, pair => pair.By == pair.From);
        Assert.Equal(heard.Count, heard.Distinct().Count());
    }

    [Fact]
    public async Task ServerSideEmitWithAck_GathersTheOthersAnswers()
    {
        foreach (var (i, server) in Servers.Index())
        {
            server.IO.On("who", () => $"server {i}");
        }

        foreach (var (i, server) in Servers.Index())
        {
            var answers = await server.IO.ServerSideEmitWithAckAsync<string>("who");
            Assert.Equal(Enumerable.Range(0, ServerCount).Where(s => s != i).Select(s => $"server {s}"), answers.Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task ServerSideEmitWithAck_OneIsSilent_TimesOutWithWhatCame()
    {
        if (ServerCount == 1)
        {
            // There are no others to wait for.
            Assert.Empty(await Servers[0].IO.ServerSideEmitWithAckAsync<int>("who"));
            return;
        }

        Servers[1].IO.On("who", () => 1);

        var exception = await Assert.ThrowsAsync<BroadcastTimeoutException<int>>(() => Servers[0].IO.ServerSideEmitWithAckAsync<int>("who"));

        Assert.Equal([1], exception.Responses);
        Assert.Equal($"timeout reached: only 1 responses received out of {ServerCount - 1}", exception.Message);
    }

    [Fact]
    public async Task ServersThatCloseAreCountedNoMore()
    {
        Assert.Equal(ServerCount, await Servers[0].IO.ServerCountAsync());
        foreach (var server in Servers.Skip(1))
        {
            await server.DisposeAsync();
        }

        await Eventually.TrueAsync(async () => await CountAsync(Servers[0]) == 1, () => "one server is left");
        Assert.Single(await Servers[0].IO.FetchSocketsAsync());
    }

    private string[] MembersOf(string room) =>
        [.. Clients.Where(client => client.Server.IO.Sockets.GetValueOrDefault(client.Id)?.Rooms.Contains(room) == true).Select(client => client.Id)];
}
