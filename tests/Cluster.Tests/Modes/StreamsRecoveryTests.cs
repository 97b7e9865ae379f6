using Cluster.Tests.Running;
using Cluster.Tests.Scenarios;
using StickyAspire.TestSupport;

namespace Cluster.Tests.Modes;

/// <summary>The streams adapter with connection state recovery: all scenarios, and clients that come back.</summary>
public sealed class StreamsRecoveryTests(StreamsRecoveryTests.Fixture cluster) : ClusterScenarios<StreamsRecoveryTests.Fixture>(cluster)
{
    [Fact]
    public async Task ClientThatComesBack_ToAnyServer_IsWhoItWas()
    {
        foreach (var (i, home) in Servers.Index())
        {
            foreach (var (j, other) in Servers.Index())
            {
                var client = await ConnectAsync(home);
                await JoinAsync($"room {i} {j}", client);
                await home.CallAsync("socketData", new { sid = client.Id, data = new { n = 1, user = "ünï" } });
                var id = client.Id;
                if (home.Kind == ServerKind.Ours)
                {
                    // Data goes to Redis as it changes, but nobody waits for it. Its last part is there: so is all of it.
                    await Eventually.TrueAsync(async () => await IsKeptAsync(id, $"room {i} {j}"), () => "the session with its data is in Redis");
                }

                await client.CallAsync("break", new { url = other.Url });

                await Eventually.TrueAsync(() => client.Connects == 2, () => $"the client came back from {home.Kind} {i} to {other.Kind} {j}");
                Assert.True(client.IsRecovered, $"from {home.Kind} {i} to {other.Kind} {j}");
                Assert.Equal(id, client.Id);
                var socket = await other.CallAsync("socket", new { sid = id });
                Assert.Equal([id, $"room {i} {j}"], socket.GetProperty("rooms").EnumerateArray().Select(room => room.GetString()).OrderBy(room => room != id));
                AssertJson("""[{"user":"ünï","n":1}]""", System.Text.Json.JsonElement.Parse($"[{socket.GetProperty("data").GetRawText()}]"));
                await client.CallAsync("disconnect");
            }
        }
    }

    [Fact]
    public async Task ClientThatComesBack_GetsWhatItMissed_InOrderAndOnce()
    {
        foreach (var (i, home) in Servers.Index())
        {
            foreach (var (j, other) in Servers.Index())
            {
                var client = await ConnectAsync(home);
                await JoinAsync("mine", client);
                await client.CallAsync("leave");
                await WaitUntilNoticedAsync(home, client.Id);

                // A name of its own, since servers may hear of events of the round before only now.
                var number = $"number {i} {j}";
                var n = 0;
                foreach (var server in Servers)
                {
                    await server.CallAsync("emit", new { args = new object[] { number, n++ } });
                    await server.CallAsync("emit", new { rooms = new[] { "mine" }, args = new object[] { number, n++, new Dictionary<string, string> { ["$binary"] = "AQID" } } });
                    await server.CallAsync("emit", new { rooms = new[] { client.Id, "other" }, args = new object[] { number, n++ } });
                    await server.CallAsync("emit", new { rooms = new[] { "other" }, args = new object[] { number, -1 } });
                    await server.CallAsync("emit", new { except = new[] { "mine" }, args = new object[] { number, -2 } });
                }

                await client.CallAsync("return", new { url = other.Url });
                await Eventually.TrueAsync(() => client.Connects == 2, () => "the client came back");
                await other.CallAsync("emit", new { rooms = new[] { "mine" }, args = new object[] { number, n } });

                await Eventually.TrueAsync(() => client.Received(number).Any(args => args[0].GetInt32() == n), () => "the event after its return came");
                Assert.True(client.IsRecovered, $"from {home.Kind} {i} to {other.Kind} {j}");
                AssertNumbers(client, number, n, by => by / 3);
                Assert.Equal("AQID", client.Received(number).Single(args => args[0].GetInt32() == 1)[1].GetProperty("$binary").GetString());
                await client.CallAsync("disconnect");
            }
        }
    }

    [Fact]
    public async Task ClientOfAServerThatWasKilled_IsRecoveredByAnother()
    {
        foreach (var victim in Servers.Where(server => server.Kind == ServerKind.Ours).ToArray())
        {
            var rescuers = Servers.Where(server => server != victim).ToArray();
            var clients = await Task.WhenAll(rescuers.Select(_ => ConnectAsync(victim)));
            foreach (var client in clients)
            {
                await JoinAsync("mine", client);
                await victim.CallAsync("socketData", new { sid = client.Id, data = new { user = client.Id } });
            }

            var ids = clients.Select(client => client.Id).ToArray();
            foreach (var client in clients)
            {
                // Sessions go to Redis as they change, but nobody waits for it.
                await Eventually.TrueAsync(async () => await IsKeptAsync(client.Id, "mine"), () => "the session with its room is in Redis");
            }

            await Task.WhenAll(clients.Select(client => client.CallAsync("suspend")));
            await victim.KillAsync();
            try
            {
                for (var n = 0; n < 10; n++)
                {
                    await rescuers[n % rescuers.Length].CallAsync("emit", new { rooms = new[] { "mine" }, args = new object[] { "number", n } });
                }

                foreach (var (client, rescuer) in clients.Zip(rescuers))
                {
                    await client.CallAsync("return", new { url = rescuer.Url });
                    await Eventually.TrueAsync(() => client.Connects == 2, () => $"the client came back to {rescuer.Kind}");
                    Assert.True(client.IsRecovered, $"by {rescuer.Kind}");
                }

                await rescuers[0].CallAsync("emit", new { rooms = new[] { "mine" }, args = new object[] { "number", 10 } });
                await Eventually.TrueAsync(() => clients.All(client => client.Received("number").Any(args => args[0].GetInt32() == 10)), () => "the event after their return came");
                Assert.Equal(ids, clients.Select(client => client.Id));
                Assert.All(clients, client => AssertNumbers(client, "number", 10, by => by % rescuers.Length));
                foreach (var (client, rescuer) in clients.Zip(rescuers))
                {
                    Assert.Equal(client.Id, (await rescuer.CallAsync("socket", new { sid = client.Id })).GetProperty("data").GetProperty("user").GetString());
                    await client.CallAsync("disconnect");
                }
            }
            finally
            {
                await Cluster.StartAgainAsync(victim);
            }

            Clients[Servers.ToList().IndexOf(victim)] = await Cluster.Driver.ConnectAsync(victim);
        }
    }

    [Theory]
    [InlineData("nobody", null)]
    [InlineData(null, "abc")]
    [InlineData(null, "507f191e810c19729de860ea")]
    [InlineData(null, "1-1")]
    public async Task ClientThatCannotBeRecovered_GetsANewSession_AndKnowsIt(string? pid, string? offset)
    {
        foreach (var home in Servers)
        {
            var client = await ConnectAsync(home);
            var id = client.Id;

            await client.CallAsync("break", new { pid, offset });

            await Eventually.TrueAsync(() => client.Connects == 2, () => "the client came back");
            Assert.False(client.IsRecovered);
            Assert.NotEqual(id, client.Id);
            await client.CallAsync("disconnect");
        }
    }

    [Fact]
    public async Task ClientThatWasDisconnectedOnPurpose_GetsANewSession()
    {
        foreach (var home in Servers)
        {
            var client = await ConnectAsync(home);
            var id = client.Id;
            await home.CallAsync("socketDisconnect", new { sid = id });
            await Eventually.TrueAsync(() => client.DisconnectReason == "io server disconnect", () => "the client was disconnected");

            await client.CallAsync("return");

            await Eventually.TrueAsync(() => client.Connects == 2, () => "the client came back");
            Assert.False(client.IsRecovered);
            Assert.NotEqual(id, client.Id);
            await client.CallAsync("disconnect");
        }
    }

    [Fact]
    public async Task EventToOneSocket_HasItsPlaceInTheOrderToo()
    {
        foreach (var home in Servers)
        {
            var client = await ConnectAsync(home);
            await home.CallAsync("socketEmit", new { sid = client.Id, args = new object[] { "one", 1 } });
            await Eventually.TrueAsync(() => client.Received("one").Length == 1, () => "the event came");

            Assert.Matches("^[0-9]+-[0-9]+$", client.Received("one")[0].EnumerateArray().Last().GetString());
            await client.CallAsync("disconnect");
        }
    }

    /// <summary>Every number up to the last one came, once, and those of one server in their order. Node's servers go on before an event has its place, so there is no order among servers.</summary>
    private static void AssertNumbers(ClusterClient client, string name, int last, Func<int, int> emitterOf)
    {
        var numbers = client.Received(name).Select(args => args[0].GetInt32()).ToArray();
        Assert.Equal(Enumerable.Range(0, last + 1), numbers.Order());
        Assert.All(numbers.GroupBy(emitterOf), byOne => Assert.Equal(byOne.Order(), byOne));
    }

    /// <summary>A client that reconnects, and has seen one event, without which no client can say where it stopped.</summary>
    private async Task<ClusterClient> ConnectAsync(ClusterServer home)
    {
        var client = await Cluster.Driver.ConnectAsync(home, options: new { reconnection = true });
        await home.CallAsync("emit", new { rooms = new[] { client.Id }, args = new[] { "first" } });
        await Eventually.TrueAsync(() => client.Received("first").Length == 1, () => "the first event came");
        return client;
    }

    private static Task WaitUntilNoticedAsync(ClusterServer home, string id) =>
        Eventually.TrueAsync(async () => (await home.CallAsync("socket", new { sid = id })).ValueKind == System.Text.Json.JsonValueKind.Null, () => "the server noticed that its client has gone");

    private async Task<bool> IsKeptAsync(string id, string room)
    {
        foreach (var key in Cluster.Keys("sio:session:*"))
        {
            var session = System.Text.Encoding.UTF8.GetString(Convert.FromBase64String((string?)await Cluster.Database.StringGetAsync(key) ?? ""));
            if (session.Contains(id, StringComparison.Ordinal) && session.Contains(room, StringComparison.Ordinal) && session.Contains("user", StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    public sealed class Fixture : ServerCluster
    {
        public override string Adapter => "streams";

        public override bool Recovers => true;
    }
}
