using StickyAspire.Yarp.LoadBalancing;
using StickyAspire.Yarp.Model;

namespace Yarp.Tests.LoadBalancing;

/// <summary>HAProxy's <c>balance leastconn</c>.</summary>
public sealed class LeastConnectionsLoadBalancingPolicyTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    public void Leastconn_BurstOfNewSessions_IsWithinOneOfEven(int servers)
    {
        var cluster = new TestCluster(servers);
        var policy = cluster.Create("LeastConnections");

        AssertEven(Enumerable.Range(0, 200).CountBy(_ => cluster.Pick(policy)!).Select(each => each.Value), servers);
    }

    [Fact]
    public void Leastconn_LongLivedSessions_AreCountedForAsLongAsTheyLast()
    {
        var cluster = new TestCluster(3);
        var policy = cluster.Create("LeastConnections");
        cluster.Place(policy, 300);
        cluster.Time.Advance(Second);

        // Half of the first server's clients leave: the next fifty are its.
        cluster.Servers[0].ConcurrentRequestCount -= 50;
        cluster.Time.Advance(Second);
        var counts = cluster.Place(policy, 50);

        Assert.Equal(50, counts["s1"]);
        AssertEven(cluster.Servers.Select(each => each.ConcurrentRequestCount), 3);
    }

    /// <summary>Each server reports in its own time. Whoever has just done so must not look as if it had nothing to do, while what it was given is on its way.</summary>
    [Fact]
    public void Leastconn_WhatWasGivenAndHasNotBegun_GoesOnCountingWhenAServerReports()
    {
        var cluster = new TestCluster(3);
        var policy = cluster.Create("LeastConnections");
        var counts = new Dictionary<string, int>();
        for (var i = 0; i < 200; i++)
        {
            if (i % 50 == 0 && i > 0)
            {
                cluster[i / 50].ReportLoad(0, 0, cluster.Time.GetUtcNow());
            }

            var server = cluster.Pick(policy)!;
            counts[server] = counts.GetValueOrDefault(server) + 1;
        }

        AssertEven(counts.Values, 3);
    }

    [Fact]
    public void Leastconn_AcrossReloads_StaysWithinOneOfEven()
    {
        var cluster = new TestCluster(3);
        var policy = cluster.Create("LeastConnections");

        // A reload gives YARP another list of the same servers. Sessions that poll, as here, show in no count of requests.
        var counts = Enumerable.Range(0, 100).CountBy(_ =>
        {
            cluster.Servers = [.. cluster.Servers];
            return cluster.Pick(policy)!;
        });

        AssertEven(counts.Select(each => each.Value), 3);
    }

    [Fact]
    public void Leastconn_ServerThatCameBack_GetsWhatEvensItOut()
    {
        var cluster = new TestCluster(3);
        var policy = cluster.Create("LeastConnections");
        var all = cluster.Servers;
        cluster.Servers = [all[0], all[1]];
        cluster.Place(policy, 20);
        cluster.Servers = all;

        cluster.Place(policy, 31);

        Assert.All(all, server => Assert.Equal(17, server.ConcurrentRequestCount));
    }

    [Fact]
    public void Leastconn_OfSeveralGateways_GoesByTheReplicasTotals()
    {
        // Two hundred clients of another gateway are on s1, and none of ours.
        var cluster = new TestCluster(3);
        var policy = cluster.Create("LeastConnections");
        cluster[1].ReportLoad(200, 0, cluster.Time.GetUtcNow());
        cluster[2].ReportLoad(0, 0, cluster.Time.GetUtcNow());
        cluster[3].ReportLoad(0, 0, cluster.Time.GetUtcNow());

        var counts = cluster.Place(policy, 400);

        Assert.Equal((0, 200, 200), (counts["s1"], counts["s2"], counts["s3"]));
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(3, true)]
    [InlineData(2, false)]
    [InlineData(3, false)]
    public void Leastconn_OfSeveralGateways_AgreesOnAnEvenSpread(int gateways, bool checkedBetween)
    {
        const int Servers = 5;
        var views = Enumerable.Range(0, gateways).Select(_ => new TestCluster(Servers)).ToList();
        var policies = views.ConvertAll(view => view.Create("LeastConnections"));
        for (var round = 0; round < 40; round++)
        {
            // Each gateway gets its own crowd, and learns by its checks what each server has in all: before the next gateway's crowd, or only after all of them.
            var placed = 0;
            for (var gateway = 0; gateway < gateways; gateway++)
            {
                var crowd = 1 + (((round * 7) + (gateway * 3)) % 11);
                placed += crowd;
                views[gateway].Place(policies[gateway], crowd);
                if (checkedBetween)
                {
                    Check();
                    AssertEven(Totals(), Servers);
                }
            }

            // What gateways do not know of each other for the length of a check interval is no more than what came in it, and it does not add up.
            Check();
            Assert.InRange(Totals().Max() - Totals().Min(), 0, placed);
        }

        views[0].Place(policies[0], Totals().Sum(each => Totals().Max() - each));
        Assert.Single(Totals().Distinct());

        void Check()
        {
            foreach (var view in views)
            {
                view.Time.Advance(Second);
                for (var server = 1; server <= Servers; server++)
                {
                    view[server].ReportLoad(Totals()[server - 1], view.Servers[server - 1].ConcurrentRequestCount, view.Time.GetUtcNow());
                }
            }
        }

        List<int> Totals() => [.. Enumerable.Range(0, Servers).Select(server => views.Sum(view => view.Servers[server].ConcurrentRequestCount))];
    }

    [Fact]
    public void Leastconn_PollingSessions_AreCountedByTheReplicasReport()
    {
        // A polling session is between two requests now and then; its server knows of it all the time.
        var cluster = new TestCluster(2);
        var policy = cluster.Create("LeastConnections");
        cluster.Servers[0].ConcurrentRequestCount = 3;
        cluster[1].ReportLoad(10, 3, cluster.Time.GetUtcNow());
        cluster[2].ReportLoad(0, 0, cluster.Time.GetUtcNow());

        Assert.All(Enumerable.Range(0, 10), _ => Assert.Equal("s2", cluster.Pick(policy)));
    }

    [Fact]
    public void Weight_OfLeastconn_SharesByWeight()
    {
        var cluster = new TestCluster(3);
        cluster.Configure(2, weight: 2);
        cluster.Configure(3, weight: 5);

        var counts = cluster.Place(cluster.Create("LeastConnections"), 80);

        Assert.Equal((10, 20, 50), (counts["s1"], counts["s2"], counts["s3"]));
    }

    [Fact]
    public void NoServer_GivesNone() => Assert.Null(new TestCluster(0) is var cluster ? cluster.Pick(cluster.Create("LeastConnections")) : "");

    private static void AssertEven(IEnumerable<int> counts, int servers)
    {
        var all = counts.ToList();
        Assert.Equal(servers, all.Count);
        Assert.True(all.Max() - all.Min() <= 1, string.Join('/', all));
    }
}
