using System.Text.RegularExpressions;
using Cluster.Tests.Running;
using StickyAspire.TestSupport;

namespace Cluster.Tests.Connections;

/// <summary>TLS, and an ACL user with the rules that docs/redis.md gives, by connection string alone.</summary>
public sealed partial class SecureRedisTests
{
    [Theory]
    [InlineData("pubsub")]
    [InlineData("sharded-dynamic")]
    [InlineData("streams")]
    public async Task EverythingWorks_ByConnectionStringAlone(string adapter)
    {
        await using var redis = await StartAsync(ReadRules());
        await using var first = await StartServerAsync(redis, adapter);
        await using var second = await StartServerAsync(redis, adapter);
        await using var driver = new ClientDriver();
        await WaitUntilTwoAsync(first, second);
        var here = await driver.ConnectAsync(first, options: new { reconnection = true });
        var there = await driver.ConnectAsync(second);

        foreach (var (from, to) in new[] { (first, there), (second, here) })
        {
            await to.Server.CallAsync("socketJoin", new { sid = to.Id, targets = new[] { "room" } });
            await Eventually.TrueAsync(
                async () =>
                {
                    await from.CallAsync("emit", new { rooms = new[] { "room" }, args = new[] { "hello" } });
                    return to.Received("hello").Length > 0;
                },
                () => $"an event came from the other server. It said:\n{from.Output}");
            await to.AnswerAsync("question", "answer");
            Assert.Equal("answer", (await from.CallAsync("remoteEmitWithAck", new { target = to.Id, timeout = 5000, args = new[] { "question" } })).GetString());
            Assert.Equal(2, (await from.CallAsync("fetchSockets")).GetArrayLength());
        }

        if (adapter == "streams")
        {
            var id = here.Id;
            await here.CallAsync("break", new { url = second.Url });
            await Eventually.TrueAsync(() => here.Connects == 2, () => "the client came back");
            Assert.True(here.IsRecovered, $"{first.Output}\n{second.Output}");
            Assert.Equal(id, here.Id);
        }
    }

    [Fact]
    public async Task WrongPassword_IsRedisAway_NotAnEnd()
    {
        await using var redis = await StartAsync(ReadRules());
        await using var server = await StartServerAsync(redis, "streams", redis.ConnectionString.Replace("secret", "guess", StringComparison.Ordinal));
        await using var driver = new ClientDriver();
        var client = await driver.ConnectAsync(server);

        await server.CallAsync("emit", new { args = new[] { "alone" } });

        await Eventually.TrueAsync(() => client.Received("alone").Length == 1, () => "the server serves its own clients");
        Assert.StartsWith("timeout reached", (await Assert.ThrowsAsync<ControlException>(() => server.CallAsync("fetchSockets"))).Message, StringComparison.Ordinal);
    }

    private static async Task<SecureRedis> StartAsync(IEnumerable<string> rules)
    {
        Assert.SkipUnless(RedisProcess.IsInstalled || Environment.GetEnvironmentVariable("CI") == "true", "redis-server is not installed: run ./test.");
        return await SecureRedis.StartAsync(rules);
    }

    private static Task<ClusterServer> StartServerAsync(SecureRedis redis, string adapter, string? connectionString = null) => ClusterServer.StartAsync(ServerKind.Ours, new Dictionary<string, string>
    {
        ["ADAPTER"] = adapter,
        ["REDIS"] = connectionString ?? redis.ConnectionString,
        ["CSR"] = "1",
        ["REQUESTS_TIMEOUT"] = "3000",

        // What the operating system trusts, on Linux.
        ["SSL_CERT_FILE"] = redis.Certificate,
    });

    private static async Task WaitUntilTwoAsync(params ClusterServer[] servers)
    {
        foreach (var server in servers)
        {
            await Eventually.TrueAsync(
                async () =>
                {
                    try
                    {
                        return (await server.CallAsync("serverCount")).GetInt32() == servers.Length;
                    }
                    catch (ControlException)
                    {
                        return false;
                    }
                },
                () => $"the servers found each other. One said:\n{server.Output}");
        }
    }

    /// <summary>The rules of the guide, so that what users copy is what is tested.</summary>
    private static string[] ReadRules()
    {
        var guide = File.ReadAllText(Path.Combine(Paths.Clients, "../../docs/redis.md"));
        var rules = Acl().Match(guide);
        Assert.True(rules.Success, "docs/redis.md gives the ACL rules.");
        return rules.Groups["rules"].Value.Replace("\\\n", " ", StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    [GeneratedRegex(@"^ACL SETUSER socketio on >secret (?<rules>(?:[^\n]*\\\n)*[^\n]*)", RegexOptions.Multiline)]
    private static partial Regex Acl();
}
