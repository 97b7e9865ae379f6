using Yarp.ReverseProxy.Configuration;
using Yarp.Tests.Environment;

namespace Yarp.Tests.Parity;

/// <summary>A row of the comparison: one HAProxy configuration, ours that means the same, and requests.</summary>
/// <param name="Name">What it is about.</param>
/// <param name="Run">Sends the requests.</param>
internal sealed record Row(string Name, Func<Scenario, Task> Run)
{
    /// <summary>The backend's lines but its servers'.</summary>
    public string HAProxy { get; init; } = "cookie SERVERID insert indirect nocache";

    /// <summary>Keywords at the end of each server's line.</summary>
    public string Server { get; init; } = "";

    /// <summary>The same for single servers.</summary>
    public Dictionary<string, string> ServerOf { get; init; } = [];

    /// <summary>Whether servers are named in cookies by their ids.</summary>
    public bool HasCookieNames { get; init; } = true;

    /// <summary>Our affinity policy.</summary>
    public string Policy { get; init; } = "ServerId";

    public string CookieName { get; init; } = "SERVERID";

    /// <summary>Our balancing, and HAProxy's.</summary>
    public (string Ours, string HAProxy) Balance { get; init; } = ("LeastConnections", "leastconn");

    /// <summary>YARP's settings of the cookie. HAProxy's is not HttpOnly unless it is told.</summary>
    public SessionAffinityCookieConfig Cookie { get; init; } = new() { HttpOnly = false };

    /// <summary>Our metadata.</summary>
    public string[] Ours { get; init; } = [];

    /// <summary>Our metadata of single servers.</summary>
    public Dictionary<string, Dictionary<string, string>> OursOf { get; init; } = [];

    /// <summary>Where we differ on purpose: why, and what either answers.</summary>
    public (string Why, string Theirs, string Ours)? Difference { get; init; }

    public override string ToString() => Name;

    public ClusterSettings ToSettings()
    {
        var settings = ClusterSettings.With([.. Ours, "Check.Inter=50ms", "Check.Rise=1", "Check.Fall=1"]);
        return settings with
        {
            LoadBalancing = Balance.Ours,
            Affinity = new SessionAffinityConfig { Enabled = true, Policy = Policy, AffinityKeyName = CookieName, Cookie = Cookie },
            DestinationMetadata = OursOf,
            HealthCheck = new HealthCheckConfig { Active = new ActiveHealthCheckConfig { Enabled = true, Policy = "RiseFall", Path = "/alive", Timeout = TimeSpan.FromSeconds(5) } },
        };
    }

    public string ToHAProxy(IReadOnlyList<Upstream> servers) => $$"""
        defaults
            mode http
            timeout connect 2s
            timeout client 30s
            timeout server 30s
            timeout queue 10s
            timeout check 5s
            option redispatch
        frontend in
            bind 127.0.0.1:{port}
            default_backend websockets
            stats enable
            stats uri /haproxy?stats
            stats auth 123:123
        backend websockets
            balance {{Balance.HAProxy}}
            option httpchk GET /alive
            {{HAProxy.ReplaceLineEndings("\n    ")}}
            {{string.Join("\n    ", servers.Select(each => $"server {each.Id} 127.0.0.1:{each.Port} weight 1 check inter 50ms rise 1 fall 1 {(HasCookieNames ? $"cookie {each.Id}" : "")} {Server} {ServerOf.GetValueOrDefault(each.Id)}"))}}

        """;
}
