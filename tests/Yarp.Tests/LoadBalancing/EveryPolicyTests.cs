using System.Net;
using StickyAspire.Yarp.LoadBalancing;
using StickyAspire.Yarp.Model;

namespace Yarp.Tests.LoadBalancing;

/// <summary>What HAProxy's <c>server</c> keywords mean to every algorithm alike.</summary>
public sealed class EveryPolicyTests
{
    public static TheoryData<string> Policies => ["LeastConnections", "WeightedRoundRobin", "ConsistentHash", "Source", "First", "RandomTwo"];

    [Theory]
    [MemberData(nameof(Policies))]
    public void Weight_Zero_GetsNoNewSession(string name)
    {
        var cluster = new TestCluster(3);
        cluster.Configure(2, weight: 0);

        Assert.Equal(["s1", "s3"], PickMany(cluster, name));
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Drain_GetsNoNewSession_AndAgainOnceItIsReady(string name)
    {
        var cluster = new TestCluster(3);
        cluster.Configure(1, maxConn: 100);
        cluster.Configure(2, maxConn: 100);
        var policy = cluster.Create(name);
        cluster[2].SetStates(AdministrativeState.Drain, OperationalState.Up, cluster.Time.GetUtcNow());
        Assert.Equal(["s1", "s3"], PickMany(cluster, policy));

        cluster[2].SetStates(AdministrativeState.Ready, OperationalState.Up, cluster.Time.GetUtcNow());

        Assert.Contains("s2", PickMany(cluster, policy));
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Drain_OfAll_GivesNone(string name)
    {
        var cluster = new TestCluster(2);
        cluster[1].SetStates(AdministrativeState.Drain, OperationalState.Up, cluster.Time.GetUtcNow());
        cluster[2].SetStates(AdministrativeState.Maint, OperationalState.Up, cluster.Time.GetUtcNow());

        Assert.Null(cluster.Pick(cluster.Create(name)));
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Backup_IsUsedWhereNoOtherIsAvailable_TheFirstAlone(string name)
    {
        var cluster = new TestCluster(4);
        cluster.Configure(2, backup: true);
        cluster.Configure(3, backup: true);
        var policy = cluster.Create(name);
        Assert.Equal(["s1", "s4"], PickMany(cluster, policy));

        cluster[1].SetStates(AdministrativeState.Drain, OperationalState.Up, cluster.Time.GetUtcNow());
        cluster.Servers = cluster.Servers[..3];

        Assert.Equal(["s2"], PickMany(cluster, policy));
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Backup_WithAllbackups_TheyShare(string name)
    {
        var cluster = new TestCluster(3, ("Balance.AllBackups", "true"));
        cluster.Configure(1, weight: 0);
        cluster.Configure(2, backup: true, maxConn: 50);
        cluster.Configure(3, backup: true);

        Assert.Equal(["s2", "s3"], PickMany(cluster, name));
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Picking_AllocatesNothing(string name)
    {
        var cluster = new TestCluster(100, ("Hash.BalanceFactor", "125"));
        cluster.Context.Connection.RemoteIpAddress = IPAddress.Loopback;
        var policy = cluster.Create(name);
        var looked = 0;
        for (var i = 0; i < 1_000; i++)
        {
            Pick(i);
        }

        // The best of three: the runtime itself allocates where it happens to compile a method anew.
        var least = long.MaxValue;
        for (var attempt = 0; attempt < 3; attempt++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 10_000; i++)
            {
                Pick(i);
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
        Assert.Equal(31_000, looked);

        void Pick(int i)
        {
            // With all that happens between two picks of a busy gateway: servers report, and it is time to look again.
            if (i % 100 == 0)
            {
                cluster[1 + (i / 100 % 100)].ReportLoad(i, 0, DateTimeOffset.UnixEpoch);
            }

            looked += policy.PickDestination(cluster.Context, cluster.State, cluster.Servers) is null ? 0 : 1;
        }
    }

    private static List<string> PickMany(TestCluster cluster, string name) => PickMany(cluster, cluster.Create(name));

    /// <summary>Who gets anything of three hundred clients.</summary>
    private static List<string> PickMany(TestCluster cluster, global::Yarp.ReverseProxy.LoadBalancing.ILoadBalancingPolicy policy)
    {
        var picked = new SortedSet<string>(StringComparer.Ordinal);

        // Hashing needs clients, "first" a limit, to reach everybody.
        for (var number = 1; number <= cluster.Servers.Length; number++)
        {
            cluster.Configure(number, cluster[number].Options.Weight, cluster[number].Options.IsBackup, maxConn: 100);
        }

        for (var i = 0; i < 300; i++)
        {
            cluster.Context.Connection.RemoteIpAddress = new IPAddress([10, 0, (byte)(i / 256), (byte)i]);
            var server = policy.PickDestination(cluster.Context, cluster.State, cluster.Servers);
            picked.Add(server?.DestinationId ?? "none");
            _ = server is null ? 0 : server.ConcurrentRequestCount++;
        }

        // They all leave again.
        foreach (var server in cluster.Servers)
        {
            server.ConcurrentRequestCount = 0;
        }

        return [.. picked];
    }
}
