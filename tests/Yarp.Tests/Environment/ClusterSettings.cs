using Yarp.ReverseProxy.Configuration;

namespace Yarp.Tests.Environment;

/// <summary>A cluster as a test wants it: by default with the article's cookie and balancing, and servers that only the test marks down.</summary>
internal sealed record ClusterSettings
{
    public const string ClusterId = "websockets";

    public string LoadBalancing { get; init; } = "LeastConnections";

    public SessionAffinityConfig? Affinity { get; init; } = new() { Enabled = true, Policy = "ServerId", AffinityKeyName = "SERVERID" };

    public Dictionary<string, string> Metadata { get; init; } = [];

    /// <summary>Passive checks that nobody makes, so that YARP heeds what a test marks.</summary>
    public HealthCheckConfig HealthCheck { get; init; } = new HealthCheckConfig { Passive = new PassiveHealthCheckConfig { Enabled = true, Policy = "ConnectFailure", ReactivationPeriod = TimeSpan.FromHours(1) } };

    /// <summary>Metadata of single destinations, by their ids.</summary>
    public Dictionary<string, Dictionary<string, string>> DestinationMetadata { get; init; } = [];

    /// <summary>As the one in <paramref name="metadata"/>, written <c>Key=value</c>.</summary>
    public static ClusterSettings With(params string[] metadata) => new() { Metadata = metadata.ToDictionary(each => each.Split('=')[0], each => each.Split('=', 2)[1]) };

    public ClusterConfig ToConfig(IEnumerable<Upstream> upstreams) => new()
    {
        ClusterId = ClusterId,
        LoadBalancingPolicy = LoadBalancing,
        SessionAffinity = Affinity,
        Metadata = Metadata,
        HealthCheck = HealthCheck,
        Destinations = upstreams.ToDictionary(
            each => each.Id,
            each => new DestinationConfig { Address = each.Address, Metadata = DestinationMetadata.GetValueOrDefault(each.Id) }),
    };
}
