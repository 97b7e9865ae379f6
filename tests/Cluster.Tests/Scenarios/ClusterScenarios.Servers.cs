using Cluster.Tests.Running;
using StickyAspire.TestSupport;

namespace Cluster.Tests.Scenarios;

/// <summary>What servers tell each other, and who is a server.</summary>
public abstract partial class ClusterScenarios<TCluster>
{
    [Fact]
    public async Task ServerSideEmit_ReachesTheOtherServersOnce()
    {
        foreach (var (i, server) in Servers.Index())
        {
            var callbacks = await ListenAsync($"hello {i}", _ => null);
            await server.CallAsync("serverSideEmit", new { args = new object?[] { $"hello {i}", "world", 1, "2", new { three = new[] { 3 } } } });
            await AssertToldAsync(callbacks, i, """{"args":["world",1,"2",{"three":[3]}],"withAck":false}""");
        }

        Assert.All(Clients, client => Assert.DoesNotContain(client.Heard(), name => name.StartsWith("hello", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task ServerSideEmitInNamespace_ReachesThatNamespaceOnly()
    {
        await cluster.UseNamespaceAsync("/custom");
        var elsewhere = await ListenAsync("hello", _ => null);
        foreach (var (i, server) in Servers.Index())
        {
            var callbacks = await ListenAsync($"hello {i}", _ => null, "/custom");
            await server.CallAsync("serverSideEmit", new { nsp = "/custom", args = new object?[] { "hello" } });
            await server.CallAsync("serverSideEmit", new { nsp = "/custom", args = new object?[] { $"hello {i}" } });
            await AssertToldAsync(callbacks, i, """{"args":[],"withAck":false}""");
        }

        Assert.All(elsewhere, callback => Assert.Empty(callback.Received));
    }

    [Fact]
    public async Task ServerSideEmit_CarriesBytes()
    {
        if (cluster.Adapter.StartsWith("pubsub", StringComparison.Ordinal))
        {
            // No promise of this mode: the classic adapter sends requests as JSON, in which Node has no bytes.
            return;
        }

        foreach (var (i, server) in Servers.Index())
        {
            var callbacks = await ListenAsync($"bytes {i}", s => new Dictionary<string, string> { ["$binary"] = Convert.ToBase64String([(byte)s, 0xFF]) });
            var answer = await server.CallAsync("serverSideEmit", new { args = new object?[] { $"bytes {i}", new Dictionary<string, string> { ["$binary"] = "AQID" } }, ack = true });

            AssertAnswers(answer, null, Others(i).Select(s => $$"""{"$binary":"{{Convert.ToBase64String([(byte)s, 0xFF])}}"}"""));
            await AssertToldAsync(callbacks, i, """{"args":[{"$binary":"AQID"}],"withAck":true}""");
        }
    }

    [Fact]
    public async Task ServerSideEmitWithAck_GathersTheOtherServersAnswers()
    {
        foreach (var (i, server) in Servers.Index())
        {
            var callbacks = await ListenAsync($"hello {i}", s => new { from = s, text = "ünï" });
            var answer = await server.CallAsync("serverSideEmit", new { args = new object?[] { $"hello {i}", 1 }, ack = true });

            AssertAnswers(answer, null, Others(i).Select(s => $$"""{"from":{{s}},"text":"ünï"}"""));
            await AssertToldAsync(callbacks, i, """{"args":[1],"withAck":true}""");
        }
    }

    [Fact]
    public async Task ServerSideEmitWithAck_OneIsSilent_TimesOutWithTheAnswersThatCame()
    {
        var answers = await Task.WhenAll(Servers.Select(async (server, i) =>
        {
            await ListenAsync($"hello {i}", s => s == (i + 1) % Servers.Count ? null : s);
            return await server.CallAsync("serverSideEmit", new { args = new object?[] { $"hello {i}" }, ack = true });
        }));

        foreach (var (i, answer) in answers.Index())
        {
            AssertAnswers(
                answer,
                $"timeout reached: only {Servers.Count - 2} responses received out of {Servers.Count - 1}",
                Others(i).Where(s => s != (i + 1) % Servers.Count).Select(s => Json(s)));
        }
    }

    [Fact]
    public async Task ListenOnce_HearsOneEvent()
    {
        foreach (var (i, server) in Servers.Index())
        {
            var once = await ListenAsync("once", _ => null, once: true);
            var always = await ListenAsync("once", _ => null);
            await server.CallAsync("serverSideEmit", new { args = new object?[] { "once" } });
            await server.CallAsync("serverSideEmit", new { args = new object?[] { "once" } });

            await Eventually.TrueAsync(() => Others(i).All(s => always[s].Received.Count == 2), () => $"both events of server {i} came");
            await Eventually.TrueAsync(() => Others(i).All(s => once[s].Received.Count == 1), () => $"one event of server {i} came to who listened once");
            await cluster.ResetListenersAsync();
        }
    }

    [Fact]
    public async Task ConnectionListener_HearsClientsComeAndGo()
    {
        var callbacks = await ListenAsync("connection", _ => null);
        foreach (var (i, server) in Servers.Index())
        {
            var guest = await cluster.Driver.ConnectAsync(server);
            await Eventually.TrueAsync(() => callbacks[i].Received.Count == 1, () => $"server {i} told of a client");
            await guest.CallAsync("disconnect");
            await Eventually.TrueAsync(() => callbacks[i].Received.Count == 2, () => $"server {i} told of its end");
            Assert.Equal(
                [("connection", guest.Id), ("disconnect", guest.Id)],
                callbacks[i].Received.Select(told => (told.GetProperty("event").GetString()!, told.GetProperty("sid").GetString()!)));
        }
    }

    [Fact]
    public async Task ServerThatDies_IsCountedNoMore_AndComesBack()
    {
        foreach (var victim in new[] { Servers[0], Servers[^1] })
        {
            await victim.KillAsync();
            await cluster.WaitForServerCountAsync(Servers.Count - 1);
            foreach (var server in Servers.Where(server => server != victim))
            {
                Assert.Equal(Servers.Count - 1, Ids(await server.CallAsync("fetchSockets")).Length);
                AssertAnswers(await server.CallAsync("emit", new { rooms = new[] { "nobody" }, flags = new { timeout = 5000 }, args = new[] { "question" }, ack = true }), null, []);
            }

            await cluster.StartAgainAsync(victim);
            Clients[Servers.ToList().IndexOf(victim)] = await cluster.Driver.ConnectAsync(victim);
            foreach (var server in Servers)
            {
                Assert.Equal(Ids(Clients), Ids(await server.CallAsync("fetchSockets")));
            }
        }
    }

    /// <summary>Listens on every server; each answers as said, or not at all.</summary>
    private async Task<Callback[]> ListenAsync(string eventName, Func<int, object?> answer, string nsp = "/", bool once = false)
    {
        var callbacks = Servers.Select((_, s) => cluster.Callbacks.Add(answer(s))).ToArray();
        foreach (var (s, server) in Servers.Index())
        {
            await server.CallAsync("listen", new { nsp, @event = eventName, callback = callbacks[s].Url, once });
        }

        return callbacks;
    }

    /// <summary>Waits until every server but the emitter has told its callback that once.</summary>
    private async Task AssertToldAsync(Callback[] callbacks, int emitter, string expected)
    {
        await Eventually.TrueAsync(() => Others(emitter).All(s => !callbacks[s].Received.IsEmpty), () => $"the servers heard server {emitter}; those that did are {string.Join(", ", callbacks.Index().Where(pair => !pair.Item.Received.IsEmpty).Select(pair => pair.Index))}");
        await FenceAsync(Clients);
        foreach (var (s, callback) in callbacks.Index())
        {
            Assert.Equal(s == emitter ? 0 : 1, callback.Received.Count);
            Assert.All(callback.Received, told => AssertJson($"[{expected}]", System.Text.Json.JsonElement.Parse($"[{told.GetRawText()}]")));
        }
    }

    private IEnumerable<int> Others(int server) => Enumerable.Range(0, Servers.Count).Where(s => s != server);
}
