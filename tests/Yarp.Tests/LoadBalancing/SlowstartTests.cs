using StickyAspire.Yarp.LoadBalancing;
using StickyAspire.Yarp.Model;

namespace Yarp.Tests.LoadBalancing;

/// <summary>HAProxy's <c>slowstart</c>.</summary>
public sealed class SlowstartTests
{
    [Fact]
    public void Slowstart_OfAServerThatCameBack_GrowsItsShareInTime()
    {
        var cluster = new TestCluster(2);
        cluster.Configure(2, weight: 1, slowStart: TimeSpan.FromSeconds(60));
        var policy = cluster.Create("WeightedRoundRobin");
        cluster[2].SetStates(AdministrativeState.Ready, OperationalState.Down, cluster.Time.GetUtcNow());
        cluster[2].SetStates(AdministrativeState.Ready, OperationalState.Up, cluster.Time.GetUtcNow());

        var shares = new List<double>();
        foreach (var second in (int[])[0, 15, 30, 60])
        {
            cluster.Time.SetUtcNow(cluster[2].Since.AddSeconds(second));
            shares.Add(Enumerable.Range(0, 1_000).Count(_ => cluster.Pick(policy) == "s2") / 1_000.0);
        }

        // One sixteenth of its weight, a quarter, half, all of it: against a server of weight 1.
        Assert.Equal([1 / 17.0, 0.2, 1 / 3.0, 0.5], shares, (expected, actual) => Math.Abs(expected - actual) < 0.005);
    }

    [Theory]
    [InlineData(AdministrativeState.Drain, OperationalState.Up)]
    [InlineData(AdministrativeState.Ready, OperationalState.Unchecked)]
    public void Slowstart_OfAServerThatWasNeverGone_DoesNotApply(object administrative, object operational)
    {
        var cluster = new TestCluster(1);
        cluster.Configure(1, weight: 100, slowStart: TimeSpan.FromSeconds(60));
        cluster[1].SetStates((AdministrativeState)administrative, (OperationalState)operational, cluster.Time.GetUtcNow());

        cluster[1].SetStates(AdministrativeState.Ready, OperationalState.Up, cluster.Time.GetUtcNow());

        Assert.Equal(100, cluster[1].GetEffectiveWeight(cluster.Time.GetUtcNow()));
    }

    [Fact]
    public void Slowstart_AfterMaint_Applies()
    {
        var cluster = new TestCluster(1);
        cluster.Configure(1, weight: 100, slowStart: TimeSpan.FromSeconds(60));
        cluster[1].SetStates(AdministrativeState.Maint, OperationalState.Up, cluster.Time.GetUtcNow());
        cluster[1].SetStates(AdministrativeState.Ready, OperationalState.Up, cluster.Time.GetUtcNow());

        Assert.Equal(50, cluster[1].GetEffectiveWeight(cluster.Time.GetUtcNow().AddSeconds(30)));
    }
}
