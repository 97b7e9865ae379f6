using System.Text.Json;
using Cluster.Tests.Running;
using StickyAspire.TestSupport;

namespace Cluster.Tests;

/// <summary>A short run of <c>tests/chaos</c>: what dies under load, and what recovering clients lose by it.</summary>
public sealed class ChaosTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    [Theory]
    [InlineData("replicas")]
    [InlineData("redis")]
    public async Task NothingIsLostDoubledOrOutOfOrder(string what)
    {
        Assert.SkipUnless(RedisProcess.IsInstalled || Environment.GetEnvironmentVariable("CI") == "true", "redis-server is not installed: run ./test.");
        await using var chaos = new ChildProcess(
            "node",
            [Path.Combine(Paths.Clients, "chaos.mjs"), "--host", Paths.ControlHost, "--what", what, "--seconds", "12", "--clients", "60", "--rate", "100", "--processes", "2"],
            new Dictionary<string, string>());
        await Eventually.TrueAsync(() => chaos.HasExited, () => $"the run ended. It said:\n{chaos.Output}", Limit);

        var last = chaos.Lines.LastOrDefault(line => line.StartsWith('{'));
        Assert.True(last is not null, chaos.Output);
        var result = JsonElement.Parse(last);
        Assert.All(["lost", "doubled", "outOfOrder", "notRecovered"], count => Assert.True(result.GetProperty(count).GetInt32() == 0, chaos.Output));
        Assert.True(result.GetProperty("delivered").GetInt32() > 1_000, chaos.Output);
        Assert.True(result.GetProperty("deaths").GetProperty(what).GetInt32() >= (what == "replicas" ? 3 : 1), chaos.Output);
        Assert.True(what == "redis" || result.GetProperty("recovered").GetInt32() > 0, chaos.Output);
    }
}
