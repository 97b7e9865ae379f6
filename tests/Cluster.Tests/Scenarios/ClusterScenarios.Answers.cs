using System.Text.Json;
using System.Text.Json.Nodes;
using Cluster.Tests.Running;
using StickyAspire.TestSupport;

namespace Cluster.Tests.Scenarios;

/// <summary>Events to many, and the answers.</summary>
public abstract partial class ClusterScenarios<TCluster>
{
    [Fact]
    public async Task EmitWithAck_GathersEveryonesAnswer()
    {
        foreach (var (c, client) in Clients.Index())
        {
            await client.AnswerAsync("question", c + 1, "a second argument, which is cut off");
        }

        foreach (var server in Servers)
        {
            var answer = await server.CallAsync("emit", new { flags = new { timeout = 5000 }, args = new object[] { "question", "?" }, ack = true });

            AssertAnswers(answer, null, Enumerable.Range(1, Clients.Length).Select(n => Json(n)));
        }

        // What a client heard comes to us by another way than its answers.
        await FenceAsync(Clients);
        Assert.All(Clients, client => Assert.All(client.Received("question"), args => Assert.Equal("""["?"]""", args.GetRawText())));
        Assert.All(Clients, client => Assert.Equal(Servers.Count, client.Received("question").Length));
    }

    [Fact]
    public async Task EmitWithAck_CarriesBytesBothWays()
    {
        foreach (var (c, client) in Clients.Index())
        {
            await client.AnswerAsync("question", new { binary = new Dictionary<string, string> { ["$binary"] = Convert.ToBase64String([(byte)c, 0xFE]) } });
        }

        var bytes = new Dictionary<string, string> { ["$binary"] = "AQID" };
        foreach (var server in Servers)
        {
            var answer = await server.CallAsync("emit", new { flags = new { timeout = 5000 }, args = new object[] { "question", bytes }, ack = true });

            AssertAnswers(answer, null, Enumerable.Range(0, Clients.Length).Select(c => $$$"""{"binary":{"$binary":"{{{Convert.ToBase64String([(byte)c, 0xFE])}}}"}}"""));
        }

        // What a client heard comes to us by another way than its answers.
        await FenceAsync(Clients);
        Assert.All(Clients, client => Assert.All(client.Received("question"), args => Assert.Equal("""[{"$binary":"AQID"}]""", args.GetRawText())));
    }

    [Fact]
    public async Task EmitWithAck_ToNobody_HasNoAnswers()
    {
        foreach (var server in Servers)
        {
            AssertAnswers(await server.CallAsync("emit", new { rooms = new[] { "nobody" }, flags = new { timeout = 5000 }, args = new[] { "question" }, ack = true }), null, []);
        }
    }

    [Fact]
    public async Task EmitWithAck_ToRoom_GathersItsMembersAnswers()
    {
        await JoinAsync("asked", Clients[0], Clients[^1]);
        foreach (var (c, client) in Clients.Index())
        {
            await client.AnswerAsync("question", c);
        }

        foreach (var server in Servers)
        {
            var answer = await server.CallAsync("emit", new { rooms = new[] { "asked" }, flags = new { timeout = 5000 }, args = new[] { "question" }, ack = true });

            AssertAnswers(answer, null, ["0", Json(Clients.Length - 1)]);
        }
    }

    [Fact]
    public async Task EmitWithAck_OneIsSilent_TimesOutWithTheAnswersThatCame()
    {
        var silent = Clients[1];
        foreach (var (c, client) in Clients.Index().Where(pair => pair.Item != silent))
        {
            await client.AnswerAsync("question", $"from {c}");
        }

        var answers = await Task.WhenAll(Servers.Select(server =>
            server.CallAsync("emit", new { flags = new { timeout = 1500 }, args = new[] { "question" }, ack = true })));

        Assert.All(answers, answer => AssertAnswers(answer, "operation has timed out", Clients.Index().Where(pair => pair.Item != silent).Select(pair => Json($"from {pair.Index}"))));
    }

    [Fact]
    public async Task EmitWithAckLocal_AsksTheServersOwnClients()
    {
        foreach (var (c, client) in Clients.Index())
        {
            await client.AnswerAsync("question", c);
        }

        foreach (var (i, server) in Servers.Index())
        {
            // Node waits for all servers' answers to what only one was asked.
            var (timeout, error) = server.Kind == ServerKind.Node ? (1000, "operation has timed out") : (5000, null);
            AssertAnswers(await server.CallAsync("emit", new { flags = new { timeout, local = true }, args = new[] { "question" }, ack = true }), error, [Json(i)]);
        }
    }

    [Fact]
    public async Task RemoteSocket_AnswersWhereverItIs()
    {
        foreach (var (c, client) in Clients.Index())
        {
            await client.AnswerAsync("question", $"here is {c}");
        }

        foreach (var server in Servers)
        {
            foreach (var (c, client) in Clients.Index())
            {
                var answer = await server.CallAsync("remoteEmitWithAck", new { target = client.Id, timeout = 5000, args = new[] { "question" } });
                Assert.Equal($"here is {c}", answer.GetString());
            }
        }

        // An answer can be here before the driver's own report of the question is.
        await Eventually.TrueAsync(() => Clients.All(client => client.Received("question").Length >= Servers.Count), () => "every client was asked by every server");
        Assert.All(Clients, client => Assert.Equal(Servers.Count, client.Received("question").Length));
    }

    [Fact]
    public async Task RemoteSocket_ThatIsSilent_TimesOut()
    {
        var errors = await Task.WhenAll(Servers.Select(server => Assert.ThrowsAsync<ControlException>(
            () => server.CallAsync("remoteEmitWithAck", new { target = Clients[0].Id, timeout = 300, args = new[] { "question" } }))));

        Assert.All(errors, error => Assert.Equal("operation has timed out", error.Message));
    }

    [Fact]
    public async Task Socket_AnswersItsOwnServer()
    {
        foreach (var (c, client) in Clients.Index())
        {
            await client.AnswerAsync("question", c);
            var answer = await client.Server.CallAsync("socketEmit", new { sid = client.Id, args = new[] { "question" }, ack = true });

            Assert.Equal(c, answer.GetInt32());
            await AssertHeardAsync("question", Clients.Take(c + 1));
        }
    }

    private static void AssertAnswers(JsonElement answer, string? error, IEnumerable<string> expected)
    {
        Assert.Equal(error, answer.GetProperty("err").GetString());
        Assert.Equal(
            expected.Select(Normal).Order(StringComparer.Ordinal),
            answer.GetProperty("responses").EnumerateArray().Select(response => Normal(response.GetRawText())).Order(StringComparer.Ordinal));

        static string Normal(string json) => JsonNode.Parse(json)?.ToJsonString() ?? "null";
    }
}
