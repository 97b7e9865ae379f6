using StickyAspire.Yarp.Health;

namespace Yarp.Tests.Health;

/// <summary>HAProxy's <c>on-error</c>, with what it makes of the checks' counter. That errors are found in traffic is ObserveTrafficTests' matter.</summary>
public sealed class ObserveTests
{
    [Theory]
    [InlineData("MarkDown", 1, 0)]
    [InlineData("SuddenDeath", 1, 1)]
    [InlineData("FailCheck", 1, 2)]
    [InlineData("FailCheck", 2, 1)]
    [InlineData("FailCheck", 3, 0)]
    [InlineData("FastInter", 5, 3)]
    public void OnError_LeavesThatManyFailedChecksToGo(string action, int times, int left)
    {
        var harness = new HealthHarness(("Check.Rise", "2"), ("Check.Fall", "3"));
        harness.Check(true);
        for (var i = 0; i < times; i++)
        {
            harness.Health.ObserveErrors(harness.Cluster, harness.Server, new ObserveOptions(ObserveLayer.Layer7, 10, Enum.Parse<ObserveAction>(action)));
        }

        var failed = 0;
        while (harness.State == 'U')
        {
            harness.Check(false);
            failed++;
        }

        Assert.Equal(left, failed);
    }

    [Fact]
    public void OnError_OfAServerThatIsUnknown_CountsFromUp()
    {
        var harness = new HealthHarness(("Check.Fall", "3"));

        harness.Health.ObserveErrors(harness.Cluster, harness.Server, new ObserveOptions(ObserveLayer.Layer7, 10, ObserveAction.FailCheck));

        Assert.Equal('U', harness.State);
    }

    [Fact]
    public void ErrorLimit_CountsErrorsInARow()
    {
        var server = new HealthHarness().Status;

        Assert.Equal("...X.", string.Concat(Enumerable.Range(0, 5).Select(_ => server.CountErrorInARow(4) ? 'X' : '.')));
        server.EndErrorsInARow();
        Assert.Equal("...X", string.Concat(Enumerable.Range(0, 4).Select(_ => server.CountErrorInARow(4) ? 'X' : '.')));
    }
}
