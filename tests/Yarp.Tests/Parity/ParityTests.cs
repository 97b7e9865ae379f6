using Yarp.Tests.Environment;

namespace Yarp.Tests.Parity;

/// <summary>
/// The same requests to the real haproxy and to our gateway, and the same answers row by row: cookies set, kept and stripped, sessions kept, redispatched, queued, balanced. Where a row says
/// that we differ on purpose, we must; docs/haproxy-to-stickyaspire.md has those.
/// </summary>
public sealed class ParityTests
{
    private static readonly Row[] Rows = [.. CookieRows.All, .. PersistRows.All, .. QueueRows.All];

    public static TheoryData<string> Names => [.. Rows.Select(each => each.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task HAProxy_AndWe_AnswerTheSame(string name)
    {
        Assert.SkipUnless(HAProxyBalancer.IsInstalled, "haproxy is not installed.");
        var row = Rows.Single(each => each.Name == name);

        var theirs = await RunAsync(row, async servers => await HAProxyBalancer.StartAsync(row.ToHAProxy(servers), "websockets"));
        var ours = await RunAsync(row, async servers => new GatewayBalancer(await Gateway.StartAsync(row.ToSettings(), servers)));

        if (row.Difference is { } difference)
        {
            Assert.Equal(difference.Theirs, theirs);
            Assert.Equal(difference.Ours, ours);
        }
        else
        {
            Assert.Equal(theirs, ours);
        }
    }

    private static async Task<string> RunAsync(Row row, Func<IReadOnlyList<Upstream>, Task<IBalancer>> start)
    {
        var servers = new List<Upstream> { await Upstream.StartAsync("s1"), await Upstream.StartAsync("s2"), await Upstream.StartAsync("s3") };
        try
        {
            await using var balancer = await start(servers);
            foreach (var server in servers)
            {
                await balancer.WaitForAsync(server.Id, isUp: true);
            }

            var run = new Scenario(balancer, servers);
            await row.Run(run);
            return string.Join('\n', run.Transcript);
        }
        finally
        {
            foreach (var server in servers)
            {
                await server.DisposeAsync();
            }
        }
    }
}
