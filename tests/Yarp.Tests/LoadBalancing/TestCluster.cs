using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using StickyAspire.Yarp.LoadBalancing;
using StickyAspire.Yarp.Model;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.LoadBalancing;
using Yarp.ReverseProxy.Model;

namespace Yarp.Tests.LoadBalancing;

/// <summary>One gateway's view of a cluster, without a gateway: servers <c>s1</c>, <c>s2</c>, … whose requests in progress a test sets as it likes.</summary>
internal sealed class TestCluster
{
    public TestCluster(int servers, params (string Key, string Value)[] metadata)
    {
        Registry = new ServerRegistry(Time);
        var config = new ClusterConfig { ClusterId = "c", Metadata = metadata.ToDictionary(each => each.Key, each => each.Value) };
        State = new ClusterState("c", new ClusterModel(config, new HttpMessageInvoker(new SocketsHttpHandler())));
        Servers = [.. Enumerable.Range(1, servers).Select(i => new DestinationState($"s{i}"))];
    }

    public FakeTimeProvider Time { get; } = new();

    public ServerRegistry Registry { get; }

    public ClusterState State { get; }

    /// <summary>The available ones. Another list is what YARP has after any change.</summary>
    public DestinationState[] Servers { get; set; }

    public DefaultHttpContext Context { get; } = new();

    public ServerStatus this[int number] => Registry.Get(State, Servers[number - 1]);

    public void Configure(int number, int weight = 1, bool backup = false, TimeSpan slowStart = default, int? maxConn = null) =>
        this[number].Configure(new ServerOptions(weight, backup, slowStart, maxConn));

    public ILoadBalancingPolicy Create(string name) => name switch
    {
        "LeastConnections" => new LeastConnectionsLoadBalancingPolicy(Registry, Time),
        "WeightedRoundRobin" => new WeightedRoundRobinLoadBalancingPolicy(Registry, Time),
        "ConsistentHash" => new ConsistentHashLoadBalancingPolicy(Registry, Time),
        "Source" => new SourceLoadBalancingPolicy(Registry, Time),
        "First" => new FirstLoadBalancingPolicy(Registry, Time),
        "RandomTwo" => new RandomTwoLoadBalancingPolicy(Registry, Time),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
    };

    public string? Pick(ILoadBalancingPolicy policy) => policy.PickDestination(Context, State, Servers)?.DestinationId;

    /// <summary>Places sessions that stay, each in progress as a WebSocket is, and counts them by server.</summary>
    public Dictionary<string, int> Place(ILoadBalancingPolicy policy, int sessions, Action<int>? prepare = null)
    {
        var counts = Servers.ToDictionary(each => each.DestinationId, _ => 0);
        for (var i = 0; i < sessions; i++)
        {
            prepare?.Invoke(i);
            var picked = policy.PickDestination(Context, State, Servers)!;
            picked.ConcurrentRequestCount++;
            counts[picked.DestinationId]++;
        }

        return counts;
    }
}
