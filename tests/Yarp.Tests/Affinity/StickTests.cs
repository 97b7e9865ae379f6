using System.Net;
using Microsoft.Extensions.Time.Testing;
using Yarp.ReverseProxy.Configuration;
using Yarp.Tests.Environment;

namespace Yarp.Tests.Affinity;

/// <summary>HAProxy's <c>stick on</c> and <c>stick-table</c>.</summary>
public sealed class StickTests : GatewayTest
{
    [Theory]
    [InlineData("Header:X-User", "/", "X-User: {0}")]
    [InlineData("Query:room", "/?a=1&room={0}", "X-Other: 1")]
    [InlineData("AppCookie:JSESSIONID", "/", "Cookie: a=1; JSESSIONID={0}")]
    public async Task StickOn_ByHash_IsTheSameAtEveryGateway_AndSpreads(string on, string path, string header)
    {
        var settings = Stick($"Stick.On={on}", "Stick.Method=Hash");
        var gateways = new[] { await StartAsync(settings), await StartAsync(settings) };
        var servers = new HashSet<string>();

        for (var user = 0; user < 20; user++)
        {
            var answers = await Task.WhenAll(gateways.Concat(gateways).Select(each => each.Client.SendAsync(
                path.Replace("{0}", $"u{user}", StringComparison.Ordinal), headers: header.Replace("{0}", $"u{user}", StringComparison.Ordinal))));
            servers.Add(Assert.Single(answers.Select(each => each.Server).Distinct()));
            Assert.All(answers, each => Assert.Empty(each.SetCookies));
        }

        Assert.Equal(3, servers.Count);
    }

    [Fact]
    public async Task StickOn_src_KeepsAClientAtOneServer()
    {
        var gateway = await StartAsync(Stick("Stick.On=Source"));

        var servers = new HashSet<string>();
        for (var i = 0; i < 6; i++)
        {
            servers.Add((await gateway.Client.SendAsync()).Server);
        }

        Assert.Single(servers);
    }

    [Fact]
    public async Task StickOn_ByHash_OfAServerThatIsDown_MovesItsKeysOnly()
    {
        var gateway = await StartAsync(Stick("Stick.On=Header:X-User"));
        var before = await MapAsync(gateway);

        await gateway.MarkAsync("s2", isUp: false);
        var during = await MapAsync(gateway);
        await gateway.MarkAsync("s2", isUp: true);
        var after = await MapAsync(gateway);

        Assert.Equal(before, after);
        Assert.DoesNotContain("s2", during);
        Assert.All(before.Zip(during).Where(each => each.First != "s2"), each => Assert.Equal(each.First, each.Second));
    }

    [Fact]
    public async Task StickOn_WithoutTheKey_IsBalanced()
    {
        var gateway = await StartAsync(Stick("Stick.On=Header:X-User"));

        var servers = new HashSet<string>();
        for (var i = 0; i < 3; i++)
        {
            servers.Add((await gateway.Client.SendAsync()).Server);
        }

        Assert.Equal(3, servers.Count);
    }

    [Fact]
    public async Task StickStoreResponse_LearnsTheApplicationsCookie()
    {
        var gateway = await StartAsync(Stick("Stick.On=AppCookie:JSESSIONID"));

        for (var session = 0; session < 9; session++)
        {
            var login = await gateway.Client.SendAsync($"/?set-cookie=JSESSIONID%3D{session}%3B%20path%3D%2F");
            Assert.Equal([$"JSESSIONID={session}; path=/"], login.SetCookies);
            for (var i = 0; i < 3; i++)
            {
                var again = await gateway.Client.SendAsync(cookie: $"JSESSIONID={session}");
                Assert.Equal(login.Server, again.Server);
                Assert.Equal($"JSESSIONID={session}", again.SeenCookie);
            }
        }
    }

    [Fact]
    public async Task StickTable_RemembersWhereAKeyWasBalancedTo_AndMovesItWithItsServer()
    {
        var gateway = await StartAsync(Stick("Stick.On=Header:X-User", "Stick.Method=Table"));
        var first = await gateway.Client.SendAsync(headers: "X-User: ann");
        Assert.Equal(first.Server, (await gateway.Client.SendAsync(headers: "X-User: ann")).Server);

        await gateway.MarkAsync(first.Server, isUp: false);
        var second = await gateway.Client.SendAsync(headers: "X-User: ann");
        Assert.NotEqual(first.Server, second.Server);

        // Its entry was rewritten: the first server's return changes nothing.
        await gateway.MarkAsync(first.Server, isUp: true);
        Assert.Equal(second.Server, (await gateway.Client.SendAsync(headers: "X-User: ann")).Server);
    }

    [Fact]
    public async Task StickTable_WithStatus503_KeepsTheSessionForItsServer()
    {
        var gateway = await StartAsync(Stick("Stick.On=Header:X-User", "Stick.Method=Table", "Persist.OnFailure=Status503"));
        var first = await gateway.Client.SendAsync(headers: "X-User: ann");

        await gateway.MarkAsync(first.Server, isUp: false);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await gateway.Client.SendAsync(headers: "X-User: ann")).Status);
    }

    [Fact]
    public async Task StickTable_expire_ForgetsWhatWasNotUsed()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50));
        var gateway = await StartAsync(Stick("Stick.On=Header:X-User", "Stick.Method=Table", "Stick.Table.Expire=10m"), time);
        var server = (await gateway.Client.SendAsync(headers: "X-User: ann")).Server;

        time.Advance(TimeSpan.FromMinutes(9));
        Assert.Equal(server, (await gateway.Client.SendAsync(headers: "X-User: ann")).Server);
        time.Advance(TimeSpan.FromMinutes(9));
        Assert.Equal(server, (await gateway.Client.SendAsync(headers: "X-User: ann")).Server);

        // Idle servers take turns, so a user that is unknown comes around.
        var servers = new HashSet<string>();
        for (var i = 0; i < 3; i++)
        {
            time.Advance(TimeSpan.FromMinutes(10));
            servers.Add((await gateway.Client.SendAsync(headers: "X-User: ann")).Server);
        }

        Assert.Equal(3, servers.Count);
    }

    [Fact]
    public async Task IgnorePersist_HoldsForStickKeysToo()
    {
        var gateway = await StartAsync(Stick("Stick.On=Header:X-User", "Persist.Ignore=Path:/static"));

        var servers = new HashSet<string>();
        for (var i = 0; i < 3; i++)
        {
            servers.Add((await gateway.Client.SendAsync("/static/x", headers: "X-User: ann")).Server);
        }

        Assert.Equal(3, servers.Count);
    }

    private static async Task<List<string>> MapAsync(Gateway gateway)
    {
        var servers = new List<string>();
        for (var user = 0; user < 20; user++)
        {
            servers.Add((await gateway.Client.SendAsync(headers: $"X-User: u{user}")).Server);
        }

        return servers;
    }

    private static ClusterSettings Stick(params string[] metadata) =>
        ClusterSettings.With(metadata) with { Affinity = new SessionAffinityConfig { Enabled = true, Policy = "Stick", AffinityKeyName = "JSESSIONID" } };
}
