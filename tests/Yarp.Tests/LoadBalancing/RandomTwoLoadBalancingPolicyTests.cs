namespace Yarp.Tests.LoadBalancing;

/// <summary>HAProxy's <c>balance random(2)</c>.</summary>
public sealed class RandomTwoLoadBalancingPolicyTests
{
    [Fact]
    public void Random_OfTwoDraws_StaysCloseToEven()
    {
        var cluster = new TestCluster(10);

        var counts = cluster.Place(cluster.Create("RandomTwo"), 10_000).Values;

        // The lesser of two: the greatest surplus grows with log log n. One draw alone would be off by a hundred.
        Assert.InRange(counts.Max() - counts.Min(), 0, 20);
    }

    [Fact]
    public void Weight_OfRandom_SharesByWeight()
    {
        var cluster = new TestCluster(2);
        cluster.Configure(2, weight: 3);

        Assert.InRange(cluster.Place(cluster.Create("RandomTwo"), 4_000)["s2"], 2_900, 3_100);
    }
}
