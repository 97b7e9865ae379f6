using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using StickyAspire.Yarp.Configuration;
using StickyAspire.Yarp.LoadBalancing;
using StickyAspire.Yarp.Model;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Model;

namespace Yarp.Tests.LoadBalancing;

/// <summary>HAProxy's <c>balance hdr/url_param/uri/source</c> with <c>hash-type consistent</c>.</summary>
public sealed class ConsistentHashLoadBalancingPolicyTests
{
    private const int Keys = 20_000;

    [Theory]
    [InlineData("Header:X-User")]
    [InlineData("Cookie:user")]
    [InlineData("Query:user")]
    [InlineData("Path")]
    [InlineData("Source")]
    public void HashType_Consistent_TheSameKeyGoesToTheSameServer_OnAnyGateway(string on)
    {
        var one = new TestCluster(5, ("Hash.On", on));
        var other = new TestCluster(5, ("Hash.On", on));
        Array.Reverse(other.Servers);
        var onePolicy = one.Create("ConsistentHash");
        var otherPolicy = other.Create("ConsistentHash");

        var seen = new HashSet<string?>();
        for (var i = 0; i < 200; i++)
        {
            SetKey(one.Context, i);
            SetKey(other.Context, i);
            var picked = one.Pick(onePolicy);
            seen.Add(picked);
            Assert.Equal(picked, other.Pick(otherPolicy));
            Assert.Equal(picked, one.Pick(onePolicy));
        }

        Assert.Equal(5, seen.Count);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(10)]
    public void HashType_Consistent_AServerThatJoinsMovesOnlyItsShare(int servers)
    {
        var cluster = new TestCluster(servers + 1, ("Hash.On", "Header:X-User"));
        var policy = cluster.Create("ConsistentHash");
        var all = cluster.Servers;
        cluster.Servers = all[..servers];
        var before = PickAll(cluster, policy);

        cluster.Servers = all;
        var after = PickAll(cluster, policy);

        var moved = Enumerable.Range(0, Keys).Where(i => before[i] != after[i]).ToList();
        Assert.All(moved, i => Assert.Equal($"s{servers + 1}", after[i]));
        Assert.InRange(moved.Count / (double)Keys, 0.01, (1.0 / (servers + 1)) + 0.02);
    }

    [Fact]
    public void HashType_Consistent_ADrainingServersKeysComeBackToIt()
    {
        var cluster = new TestCluster(4, ("Hash.On", "Header:X-User"));
        var policy = cluster.Create("ConsistentHash");
        var before = PickAll(cluster, policy);
        cluster[2].SetStates(AdministrativeState.Drain, OperationalState.Up, cluster.Time.GetUtcNow());

        var during = PickAll(cluster, policy);
        cluster[2].SetStates(AdministrativeState.Ready, OperationalState.Up, cluster.Time.GetUtcNow());

        Assert.DoesNotContain("s2", during);
        Assert.All(Enumerable.Range(0, Keys), i => Assert.True(before[i] == "s2" || before[i] == during[i]));
        Assert.Equal(before, PickAll(cluster, policy));
    }

    [Fact]
    public void Weight_OfConsistentHash_SharesByWeight()
    {
        var cluster = new TestCluster(3, ("Hash.On", "Header:X-User"));
        cluster.Configure(3, weight: 2);

        var share = PickAll(cluster, cluster.Create("ConsistentHash")).Count(each => each == "s3") / (double)Keys;

        Assert.InRange(share, 0.45, 0.55);
    }

    [Theory]
    [InlineData(101)]
    [InlineData(125)]
    [InlineData(200)]
    public void HashBalanceFactor_BoundsTheLoad(int factor)
    {
        var cluster = new TestCluster(10, ("Hash.On", "Header:X-User"), ("Hash.BalanceFactor", factor.ToString(CultureInfo.InvariantCulture)));
        var policy = cluster.Create("ConsistentHash");
        var random = new Random(1);

        // Few keys, some of them much wanted: what consistent hashing alone spreads badly.
        var counts = cluster.Place(policy, 5_000, _ => cluster.Context.Request.Headers["X-User"] = $"user{(int)(50 * Math.Pow(random.NextDouble(), 3))}");

        var bound = 500 * factor / 100.0;
        Assert.True(counts.Values.Max() <= bound * 1.05, $"{string.Join('/', counts.Values)} exceed {bound}");

        // And no better than asked for: the bound is reached, so it is it that held.
        Assert.True(counts.Values.Max() >= bound * 0.95, $"{string.Join('/', counts.Values)} do not reach {bound}");
    }

    [Fact]
    public void HashBalanceFactor_Unset_BoundsNothing()
    {
        var cluster = new TestCluster(10, ("Hash.On", "Path"));
        cluster.Context.Request.Path = "/one";

        Assert.Equal(1_000, cluster.Place(cluster.Create("ConsistentHash"), 1_000).Values.Max());
    }

    [Fact]
    public void RequestWithoutTheKey_IsBalancedRoundRobin()
    {
        var cluster = new TestCluster(4, ("Hash.On", "Cookie:user"));

        Assert.All(cluster.Place(cluster.Create("ConsistentHash"), 100).Values, count => Assert.Equal(25, count));
    }

    [Fact]
    public void Source_IPv4OverAnIPv6Socket_IsTheSameClient()
    {
        var cluster = new TestCluster(50);
        var policy = cluster.Create("Source");
        for (byte i = 0; i < 100; i++)
        {
            var address = new IPAddress([192, 168, 1, i]);
            cluster.Context.Connection.RemoteIpAddress = address;
            var picked = cluster.Pick(policy);
            cluster.Context.Connection.RemoteIpAddress = address.MapToIPv6();
            Assert.Equal(picked, cluster.Pick(policy));
        }
    }

    [Theory]
    [InlineData("Hash.On", "Header", "Source, Path, Header:name, Cookie:name or Query:name")]
    [InlineData("Hash.On", "Path:x", "Source, Path, Header:name, Cookie:name or Query:name")]
    [InlineData("Hash.On", "Body", "Source, Path, Header:name, Cookie:name or Query:name")]
    [InlineData("Hash.Type", "map-based", "Consistent")]
    [InlineData("Hash.BalanceFactor", "100", "0, or a whole number from 101 to 65535")]
    [InlineData("Balance.AllBackups", "yes", "true or false")]
    [InlineData("Hash.Factor", "125", "no such key, but Hash.BalanceFactor, Hash.On, Hash.Type")]
    public async Task Metadata_ThatIsWrong_IsRefusedByName(string key, string value, string allowed)
    {
        var config = new ClusterConfig { ClusterId = "c", Metadata = new Dictionary<string, string> { [key] = value } };

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await new StickySessionsConfigFilter([new BalanceOptionsCheck()]).ConfigureClusterAsync(config, TestContext.Current.CancellationToken));

        Assert.Equal($"Cluster 'c': Metadata {key} is \"{value}\": allowed is {allowed}.", exception.Message);
    }

    private static List<string?> PickAll(TestCluster cluster, ReverseProxy.LoadBalancing.ILoadBalancingPolicy policy) =>
        [.. Enumerable.Range(0, Keys).Select(i =>
        {
            cluster.Context.Request.Headers["X-User"] = $"user{i}";
            return cluster.Pick(policy);
        })];

    private static void SetKey(HttpContext context, int i)
    {
        context.Request.Headers["X-User"] = $"user{i}";
        context.Request.Headers.Cookie = $"a=1; user=u{i}";
        context.Request.QueryString = new QueryString($"?x=1&user=u{i}");
        context.Request.Path = $"/users/{i}";
        context.Connection.RemoteIpAddress = new IPAddress([10, 1, 2, (byte)i]);
    }
}
