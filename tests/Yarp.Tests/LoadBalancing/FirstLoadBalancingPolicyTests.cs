namespace Yarp.Tests.LoadBalancing;

/// <summary>HAProxy's <c>balance first</c>.</summary>
public sealed class FirstLoadBalancingPolicyTests
{
    [Fact]
    public void First_FillsAServerUpToItsMaxconnBeforeTheNext_InTheOrderOfIds()
    {
        var cluster = new TestCluster(10);
        for (var i = 1; i <= 10; i++)
        {
            cluster.Configure(i, maxConn: 3);
        }

        Array.Reverse(cluster.Servers);
        var policy = cluster.Create("First");

        var counts = cluster.Place(policy, 8);

        Assert.Equal((3, 3, 2, 0), (counts["s1"], counts["s2"], counts["s3"], counts["s10"]));
    }

    [Fact]
    public void First_SessionsThatEnd_MakeRoomAgain()
    {
        var cluster = new TestCluster(2);
        cluster.Configure(1, maxConn: 2);
        cluster.Configure(2, maxConn: 2);
        var policy = cluster.Create("First");
        Assert.Equal(1, cluster.Place(policy, 3)["s2"]);

        cluster.Servers[0].ConcurrentRequestCount = 1;
        Assert.Equal("s1", cluster.Pick(policy));
    }

    [Fact]
    public void First_MaxconnThatAServerReports_IsStronger()
    {
        var cluster = new TestCluster(2);
        cluster.Configure(1, maxConn: 5);
        cluster[1].Report(weightPercent: null, maxConn: 1);

        Assert.Equal((1, 2), cluster.Place(cluster.Create("First"), 3) is var counts ? (counts["s1"], counts["s2"]) : default);
    }
}
