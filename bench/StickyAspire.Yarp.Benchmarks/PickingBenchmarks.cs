using System.Globalization;
using System.Net;
using BenchmarkDotNet.Attributes;
using Microsoft.AspNetCore.Http;
using StickyAspire.Yarp.LoadBalancing;
using StickyAspire.Yarp.Model;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.LoadBalancing;
using Yarp.ReverseProxy.Model;

namespace StickyAspire.Yarp.Benchmarks;

/// <summary>What it costs to choose a server, everything included that a request pays for: looking at the servers once a second, the lock, the hash of the key.</summary>
[MemoryDiagnoser]
public class PickingBenchmarks
{
    private readonly DefaultHttpContext _context = new();
    private readonly string[] _users = [.. Enumerable.Range(0, 1_024).Select(i => string.Create(CultureInfo.InvariantCulture, $"user{i}"))];
    private ILoadBalancingPolicy _policy = null!;
    private ClusterState _cluster = null!;
    private DestinationState[] _servers = null!;
    private int _next;

    /// <summary>How many servers there are to choose from.</summary>
    [Params(3, 100)]
    public int Servers { get; set; }

    /// <summary>The policy; the hash with <c>hash-balance-factor 125</c>.</summary>
    [Params("LeastConnections", "WeightedRoundRobin", "ConsistentHash", "Source", "First", "RandomTwo")]
    public string Policy { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        var registry = new ServerRegistry(TimeProvider.System);
        var metadata = new Dictionary<string, string> { [HashOptions.OnKey] = "Header:X-User", [HashOptions.BalanceFactorKey] = "125" };
        _cluster = new ClusterState("c", new ClusterModel(new ClusterConfig { ClusterId = "c", Metadata = metadata }, new HttpMessageInvoker(new SocketsHttpHandler())));
        _servers = [.. Enumerable.Range(1, Servers).Select(i => new DestinationState(string.Create(CultureInfo.InvariantCulture, $"s{i}")))];
        for (var i = 0; i < _servers.Length; i++)
        {
            // Of two weights, and with something to do already, so that no comparison is too easy.
            registry.Get(_cluster, _servers[i]).Configure(ServerOptions.Default with { Weight = 1 + (i % 2), MaxConn = 1_000 });
            _servers[i].ConcurrentRequestCount = i * 7 % 50;
        }

        _context.Connection.RemoteIpAddress = IPAddress.Loopback;
        _policy = Policy switch
        {
            "LeastConnections" => new LeastConnectionsLoadBalancingPolicy(registry, TimeProvider.System),
            "WeightedRoundRobin" => new WeightedRoundRobinLoadBalancingPolicy(registry, TimeProvider.System),
            "ConsistentHash" => new ConsistentHashLoadBalancingPolicy(registry, TimeProvider.System),
            "Source" => new SourceLoadBalancingPolicy(registry, TimeProvider.System),
            "First" => new FirstLoadBalancingPolicy(registry, TimeProvider.System),
            _ => new RandomTwoLoadBalancingPolicy(registry, TimeProvider.System),
        };
    }

    /// <summary>One choice.</summary>
    [Benchmark]
    public DestinationState? Pick()
    {
        _context.Request.Headers["X-User"] = _users[_next++ % _users.Length];
        return _policy.PickDestination(_context, _cluster, _servers);
    }
}
