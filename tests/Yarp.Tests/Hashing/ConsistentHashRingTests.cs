using StickyAspire.Yarp.Hashing;

namespace Yarp.Tests.Hashing;

public sealed class ConsistentHashRingTests
{
    private const int Keys = 100_000;

    [Theory]
    [InlineData(3, 1)]
    [InlineData(10, 1)]
    [InlineData(10, 100)]
    [InlineData(10, 256)]
    public void HashTypeConsistent_SpreadsKeysByWeight(int servers, int weight)
    {
        var ring = new ConsistentHashRing(Servers(servers, weight));

        var counts = Owners(ring).CountBy(owner => owner).ToDictionary();

        Assert.Equal(servers, counts.Count);
        Assert.All(counts.Values, count => Assert.InRange(count * servers / (double)Keys, 0.85, 1.15));
    }

    [Fact]
    public void Weight_Double_GetsTwiceAsManyKeys()
    {
        var ring = new ConsistentHashRing([("s1", 10), ("s2", 20), ("s3", 10), ("s4", 0)]);

        var counts = Owners(ring).CountBy(owner => owner).ToDictionary();

        Assert.InRange(counts[1] / (double)Keys, 0.45, 0.55);
        Assert.False(counts.ContainsKey(3));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(10)]
    public void ServerThatJoins_TakesItsShareOnly_AndNoKeyMovesBetweenTheOthers(int servers)
    {
        var before = Owners(new ConsistentHashRing(Servers(servers, 1))).ToList();
        var after = Owners(new ConsistentHashRing(Servers(servers + 1, 1))).ToList();

        var moved = before.Zip(after).Where(each => each.First != each.Second).ToList();

        Assert.All(moved, each => Assert.Equal(servers, each.Second));
        Assert.InRange(moved.Count / (double)Keys, 0, (1.0 / (servers + 1)) + 0.02);
    }

    [Fact]
    public void Order_OfTheServers_DoesNotMatter_SoGatewaysAgree()
    {
        var servers = Servers(7, 3);
        var reversed = servers.AsEnumerable().Reverse().ToList();

        Assert.Equal(
            Owners(new ConsistentHashRing(servers)).Select(owner => servers[owner].Id),
            Owners(new ConsistentHashRing(reversed)).Select(owner => reversed[owner].Id));
    }

    /// <summary>The same for ever: a gateway of another version, or another machine, must agree.</summary>
    [Fact]
    public void Ring_IsTheSameInEveryProcess()
    {
        var ring = new ConsistentHashRing(Servers(3, 1));

        Assert.Equal("012212101221222012221002", string.Concat(Owners(ring).Take(24)));
    }

    [Fact]
    public void Filter_SendsAKeyToItsNeighbour_AndOthersStay()
    {
        var ring = new ConsistentHashRing(Servers(5, 1));

        for (var key = 0; key < 1_000; key++)
        {
            var hash = ConsistentHashRing.Hash($"key{key}");
            var owner = ring.Find(hash, new Without(2));
            Assert.NotEqual(2, owner);
            if (ring.Find(hash) != 2)
            {
                Assert.Equal(ring.Find(hash), owner);
            }
        }
    }

    [Fact]
    public void Nobody_GivesNone()
    {
        Assert.Equal(-1, new ConsistentHashRing([]).Find(1));
        Assert.Equal(-1, new ConsistentHashRing([("s1", 0)]).Find(1, new Without(7)));
        Assert.Equal(-1, new ConsistentHashRing([("s1", 1)]).Find(1, new Without(0)));
    }

    [Fact]
    public void Finding_AllocatesNothing()
    {
        var ring = new ConsistentHashRing(Servers(100, 1));
        ring.Find(ConsistentHashRing.Hash("warm"), new Without(1));

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            ring.Find(ConsistentHashRing.Hash("some user"), new Without(i % 100));
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static List<(string Id, int Weight)> Servers(int count, int weight) => [.. Enumerable.Range(1, count).Select(i => ($"s{i}", weight))];

    private static IEnumerable<int> Owners(ConsistentHashRing ring) => Enumerable.Range(0, Keys).Select(key => ring.Find(ConsistentHashRing.Hash($"key{key}")));

    private readonly struct Without(int index) : IRingFilter
    {
        public bool Accepts(int candidate) => candidate != index;
    }
}
