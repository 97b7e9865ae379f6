namespace Yarp.Tests.LoadBalancing;

/// <summary>HAProxy's <c>balance roundrobin</c>.</summary>
public sealed class WeightedRoundRobinLoadBalancingPolicyTests
{
    [Fact]
    public void Roundrobin_TakesTurns()
    {
        var cluster = new TestCluster(3);
        var policy = cluster.Create("WeightedRoundRobin");

        Assert.Equal("s1 s2 s3 s1 s2 s3", Picks(cluster, policy, 6));
    }

    [Fact]
    public void Weight_OfRoundrobin_IsMixedSmoothly()
    {
        var cluster = new TestCluster(3);
        cluster.Configure(1, weight: 5);
        var policy = cluster.Create("WeightedRoundRobin");

        Assert.Equal("s1 s1 s2 s1 s3 s1 s1 s1 s1 s2 s1 s3 s1 s1", Picks(cluster, policy, 14));
    }

    [Fact]
    public void Weight_ThatAServerReports_CountsAtOnce()
    {
        var cluster = new TestCluster(2);
        cluster.Configure(1, weight: 10);
        cluster.Configure(2, weight: 10);
        var policy = cluster.Create("WeightedRoundRobin");
        cluster.Place(policy, 100);

        cluster[2].Report(weightPercent: 25, maxConn: null);

        Assert.Equal(20, cluster.Place(policy, 100)["s2"]);
    }

    [Fact]
    public void Roundrobin_AcrossReloads_GoesOnWhereItWas()
    {
        var cluster = new TestCluster(3);
        var policy = cluster.Create("WeightedRoundRobin");

        var picks = string.Join(' ', Enumerable.Range(0, 6).Select(_ =>
        {
            cluster.Servers = [.. cluster.Servers];
            return cluster.Pick(policy);
        }));

        Assert.Equal("s1 s2 s3 s1 s2 s3", picks);
    }

    private static string Picks(TestCluster cluster, ReverseProxy.LoadBalancing.ILoadBalancingPolicy policy, int count) =>
        string.Join(' ', Enumerable.Range(0, count).Select(_ => cluster.Pick(policy)));
}
