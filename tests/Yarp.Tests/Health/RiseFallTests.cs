using StickyAspire.Yarp.Configuration;
using StickyAspire.Yarp.Health;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Model;

namespace Yarp.Tests.Health;

/// <summary>HAProxy's <c>rise</c> and <c>fall</c>.</summary>
public sealed class RiseFallTests
{
    [Theory]
    [InlineData("+", "U")]
    [InlineData("-", "D")]
    [InlineData("+---", "UUUD")]
    [InlineData("+--+--", "UUUUUU")]
    [InlineData("+---++", "UUUDDU")]
    [InlineData("+---+-+-++", "UUUDDDDDDU")]
    public void RiseFall_ChecksInARowDecide(string checks, string states)
    {
        var harness = new HealthHarness(("Check.Rise", "2"), ("Check.Fall", "3"));

        Assert.Equal(states, string.Concat(checks.Select(check => harness.Check(check == '+'))));
        Assert.Equal(states[^1] == 'U' ? DestinationHealth.Healthy : DestinationHealth.Unhealthy, harness.Server.Health.Active);
    }

    [Fact]
    public void Fall_OfOne_IsDownWithTheFirstFailure_AndRiseOfOneUpWithTheFirstSuccess()
    {
        var harness = new HealthHarness(("Check.Rise", "1"), ("Check.Fall", "1"));

        Assert.Equal("UDUD", string.Concat("+-+-".Select(check => harness.Check(check == '+'))));
    }

    [Fact]
    public void Since_Downs_Downtime_AreKept()
    {
        var harness = new HealthHarness(("Check.Rise", "1"), ("Check.Fall", "1"));
        harness.Check(true);
        harness.Time.Advance(TimeSpan.FromMinutes(1));
        harness.Check(false);
        var down = harness.Time.GetUtcNow();
        harness.Time.Advance(TimeSpan.FromMinutes(2));
        harness.Check(false);
        Assert.Equal(down, harness.Status.Since);

        harness.Check(true);

        var status = harness.Status;
        Assert.Equal((1, TimeSpan.FromMinutes(2), 4L, 1L), (status.Downs, status.Downtime, status.Checks, status.FailedChecks));
        Assert.Equal(harness.Time.GetUtcNow(), status.Since);
        Assert.Equal((true, 200, "L7OK"), (status.LastCheck!.Passed, status.LastCheck.StatusCode, status.LastCheck.Reason));
    }

    [Theory]
    [InlineData("Check.Fall", "0", "a whole number from 1 to 1000")]
    [InlineData("Check.Rise", "two", "a whole number from 1 to 1000")]
    [InlineData("Check.Inter", "2", "a time from 10ms to 1d, such as 500ms, 2s, 1m or 00:00:02")]
    [InlineData("Check.OnMarkedDown", "shutdown", "None, ShutdownSessions")]
    [InlineData("Observe.Layer", "layer8", "None, Layer4, Layer7")]
    [InlineData("Observe.OnError", "panic", "FailCheck, FastInter, SuddenDeath, MarkDown")]
    public async Task Metadata_ThatIsWrong_IsRefusedByName(string key, string value, string allowed)
    {
        var config = new ClusterConfig { ClusterId = "websockets", Metadata = new Dictionary<string, string> { [key] = value } };

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await new StickySessionsConfigFilter([new HealthOptionsCheck()]).ConfigureClusterAsync(config, TestContext.Current.CancellationToken));

        Assert.Equal($"Cluster 'websockets': Metadata {key} is \"{value}\": allowed is {allowed}.", exception.Message);
    }

    [Fact]
    public async Task Metadata_ThatIsMisspelt_NamesTheKnownKeys()
    {
        var config = new ClusterConfig
        {
            ClusterId = "c",
            Destinations = new Dictionary<string, DestinationConfig> { ["s1"] = new() { Address = "http://s1", Metadata = new Dictionary<string, string> { ["Check.Intre"] = "2s" } } },
        };

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await new StickySessionsConfigFilter([new HealthOptionsCheck()]).ConfigureClusterAsync(config, TestContext.Current.CancellationToken));

        Assert.Equal(
            "Cluster 'c', destination 's1': Metadata Check.Intre is \"2s\": allowed is no such key, but "
            + "Check.DownInter, Check.Fall, Check.FastInter, Check.Inter, Check.OnMarkedDown, Check.OnMarkedUp, Check.Rise, Check.Spread.",
            exception.Message);
    }
}
