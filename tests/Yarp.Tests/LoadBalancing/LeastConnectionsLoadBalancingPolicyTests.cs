using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using StickyAspire.Yarp.LoadBalancing;
using Yarp.ReverseProxy.Model;

namespace Yarp.Tests.LoadBalancing;

public sealed class LeastConnectionsLoadBalancingPolicyTests
{
    private readonly LeastConnectionsLoadBalancingPolicy _policy = new(new FakeTimeProvider());
    private readonly ClusterState _cluster = new("websockets");
    private readonly DefaultHttpContext _context = new();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    public void Burst_OfNewSessions_IsSpreadEvenly(int servers)
    {
        var destinations = Create(servers);

        var counts = Enumerable.Range(0, 200).CountBy(_ => _policy.PickDestination(_context, _cluster, destinations)!.DestinationId).Select(each => each.Value).ToList();

        Assert.Equal(servers, counts.Count);
        Assert.True(counts.Max() - counts.Min() <= 1, string.Join('/', counts));
    }

    [Fact]
    public void NoServer_GivesNone() => Assert.Null(_policy.PickDestination(_context, _cluster, []));

    [Fact]
    public void ServerThatCameBack_GetsWhatEvensItOut()
    {
        var destinations = Create(3);
        DestinationState[] two = [destinations[0], destinations[1]];
        for (var i = 0; i < 20; i++)
        {
            _policy.PickDestination(_context, _cluster, two);
        }

        // Those sessions have no request in progress that would be counted, so the list's change begins a new count: no server is buried under all that comes next.
        var counts = Enumerable.Range(0, 30).CountBy(_ => _policy.PickDestination(_context, _cluster, destinations)!.DestinationId).ToDictionary();

        Assert.All(counts.Values, count => Assert.Equal(10, count));
    }

    [Fact]
    public void Picking_AllocatesNothing()
    {
        var destinations = Create(100);
        _policy.PickDestination(_context, _cluster, destinations);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            _policy.PickDestination(_context, _cluster, destinations);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static DestinationState[] Create(int count) => [.. Enumerable.Range(1, count).Select(i => new DestinationState($"s{i}"))];
}
