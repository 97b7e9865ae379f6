using System.Net;
using Microsoft.Extensions.DependencyInjection;
using StickyAspire.Yarp.Membership;
using Yarp.Tests.Environment;

namespace Yarp.Tests.Affinity;

/// <summary>What becomes of sessions whose server is down, and of requests that are to be persistent all the same, or not.</summary>
public sealed class PersistTests : GatewayTest
{
    [Fact]
    public async Task OptionRedispatch_IsTheDefault_AndMovesTheCookie()
    {
        var gateway = await StartAsync();
        await gateway.MarkAsync("s2", isUp: false);

        var answer = await gateway.Client.SendAsync(cookie: "SERVERID=s2");

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.NotEqual("s2", answer.Server);
        Assert.Equal(answer.Server, answer.CookieValue());
    }

    [Fact]
    public async Task OptionRedispatch_Off_Answers503_UntilTheServerIsBack()
    {
        var gateway = await StartAsync("Persist.OnFailure=Status503", "Admission.RetryAfter=3s");
        await gateway.MarkAsync("s2", isUp: false);

        var answer = await gateway.Client.SendAsync(cookie: "SERVERID=s2");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status);
        Assert.InRange(answer.RetryAfter!.Value, 1, 3);
        Assert.Empty(answer.SetCookies);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await gateway.Client.SendAsync("/?sid=s2.abc")).Status);

        // A server that nobody has configured is not down, it is not.
        Assert.Equal(HttpStatusCode.OK, (await gateway.Client.SendAsync(cookie: "SERVERID=s9")).Status);

        await gateway.MarkAsync("s2", isUp: true);
        Assert.Equal("s2", (await gateway.Client.SendAsync(cookie: "SERVERID=s2")).Server);
    }

    [Fact]
    public async Task Wait_HoldsTheRequest_UntilTheServerIsBack()
    {
        var gateway = await StartAsync("Persist.OnFailure=Wait", "Persist.WaitTimeout=1m");
        await gateway.MarkAsync("s2", isUp: false);

        var waiting = gateway.Client.SendAsync(cookie: "SERVERID=s2");
        await WaitingAsync(gateway, 1);
        Assert.Equal("s1", (await gateway.Client.SendAsync(cookie: "SERVERID=s1")).Server);
        await gateway.MarkAsync("s3", isUp: false);
        Assert.False(waiting.IsCompleted);

        await gateway.MarkAsync("s2", isUp: true);
        var answer = await waiting;
        Assert.Equal("s2", answer.Server);
        Assert.Empty(answer.SetCookies);
        await WaitingAsync(gateway, 0);
    }

    [Fact]
    public async Task Wait_InVain_EndsElsewhere()
    {
        var gateway = await StartAsync("Persist.OnFailure=Wait", "Persist.WaitTimeout=50ms");
        await gateway.MarkAsync("s2", isUp: false);

        var answer = await gateway.Client.SendAsync(cookie: "SERVERID=s2");

        Assert.NotEqual("s2", answer.Server);
        Assert.Equal(answer.Server, answer.CookieValue());
        await WaitingAsync(gateway, 0);
    }

    [Fact]
    public async Task Wait_EndsWhenTheClientLeaves()
    {
        var gateway = await StartAsync("Persist.OnFailure=Wait", "Persist.WaitTimeout=10m");
        await gateway.MarkAsync("s2", isUp: false);
        using var leave = new CancellationTokenSource();

        var waiting = gateway.Client.SendUntilAsync(leave.Token, cookie: "SERVERID=s2");
        await WaitingAsync(gateway, 1);
        await leave.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await WaitingAsync(gateway, 0);
    }

    [Theory]
    [InlineData("Header:X-Test", "/", "X-Test: 1", "s2")]
    [InlineData("Header:X-Test=yes", "/", "X-Test: yes", "s2")]
    [InlineData("Header:X-Test=yes", "/", "X-Test: no", null)]
    [InlineData("Path:/admin, Header:X-Test", "/admin/x", "X-Other: 1", "s2")]
    [InlineData("Path:/admin", "/", "X-Other: 1", null)]
    public async Task ForcePersist_ReachesAServerThatIsDown(string condition, string path, string header, string? expected)
    {
        var gateway = await StartAsync($"Persist.Force={condition}");
        await gateway.MarkAsync("s2", isUp: false);

        var answer = await gateway.Client.SendAsync(path, "SERVERID=s2", headers: header);

        if (expected is not null)
        {
            Assert.Equal(expected, answer.Server);
            Assert.Empty(answer.SetCookies);
        }
        else
        {
            Assert.NotEqual("s2", answer.Server);
        }
    }

    [Fact]
    public async Task IgnorePersist_BalancesWhatNeedsNoSession_AndInsertsNothing()
    {
        var gateway = await StartAsync("Persist.Ignore=Path:/static, PathEnd:.css");

        foreach (var path in new[] { "/static/logo", "/site.css" })
        {
            var servers = new HashSet<string>();
            for (var i = 0; i < 3; i++)
            {
                var answer = await gateway.Client.SendAsync(path, "SERVERID=s2; a=1");
                servers.Add(answer.Server);
                Assert.Empty(answer.SetCookies);
                Assert.Equal("a=1", answer.SeenCookie);
            }

            Assert.Equal(3, servers.Count);
        }

        Assert.Equal("s2", (await gateway.Client.SendAsync("/", "SERVERID=s2")).Server);
    }

    private static Task WaitingAsync(Gateway gateway, int count)
    {
        var watch = gateway.Services.GetRequiredService<DestinationsWatch>();
        return Eventually.TrueAsync(() => watch.Waiting == count, $"{count} requests wait for a server");
    }
}
