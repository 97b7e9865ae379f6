using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StickyAspire.Yarp.Tunnels;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Model;

namespace Yarp.Tests.Tunnels.Running;

/// <summary>YARP with <c>AddStickySessions</c> on a real Kestrel, in front of the servers given: s1, s2, …</summary>
internal sealed class Gateway : IAsyncDisposable
{
    public const string ClusterId = "websockets";

    private readonly WebServer _server;

    private Gateway(WebServer server, List<TrunkRelay> relays)
    {
        _server = server;
        Relays = relays;
    }

    /// <summary>Between the gateway and its servers, where those are reached by trunks.</summary>
    public IReadOnlyList<TrunkRelay> Relays { get; }

    public string Url => _server.Url;

    public Uri WebSocketUrl => new("ws" + _server.Url["http".Length..]);

    public int Port => _server.Port;

    public IServiceProvider Services => _server.App.Services;

    public TunnelRegistry Registry => Services.GetRequiredService<TunnelRegistry>();

    public ClusterState Cluster => Services.GetRequiredService<IProxyStateLookup>().TryGetCluster(ClusterId, out var cluster) ? cluster : throw new InvalidOperationException();

    public DestinationState Server(string id) => Cluster.Destinations[id];

    /// <summary>How many tunnels there are to s1.</summary>
    public long Active => Registry.FindCounters(Server("s1"))?.Active ?? 0;

    public static Task<Gateway> StartAsync(params WebServer[] servers) => StartAsync([.. servers.Select(server => server.Url)]);

    public static async Task<Gateway> StartAsync(
        string[] servers,
        Dictionary<string, string>? metadata = null,
        Action<IServiceCollection>? services = null,
        Func<ClusterConfig, ClusterConfig>? change = null,
        HttpProtocols protocols = HttpProtocols.Http1,
        X509Certificate2? certificate = null,
        Action<IReverseProxyBuilder>? proxy = null,
        bool byTrunk = false)
    {
        List<TrunkRelay> relays = byTrunk ? [.. servers.Select(server => new TrunkRelay(server))] : [];
        if (byTrunk)
        {
            servers = [.. relays.Select(relay => relay.Url)];
            metadata = new(metadata ?? []) { ["Tunnel.Trunks"] = "2" };
        }

        var cluster = CreateCluster(servers, metadata);
        var gateway = new Gateway(await WebServer.StartAsync(
            builder =>
            {
                builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(30));
                var reverseProxy = builder.Services.AddReverseProxy()
                    .LoadFromMemory([CreateRoute()], [change?.Invoke(cluster) ?? cluster])
                    .AddStickySessions();
                proxy?.Invoke(reverseProxy);
                services?.Invoke(builder.Services);
            },
            app =>
            {
                app.UseUpgradeHeaderForExtendedConnect();
                app.UseRouting();
                app.MapReverseProxy(proxy => proxy.UseStickySessions());
            },
            protocols,
            certificate), relays);
        if (byTrunk)
        {
            await gateway.WaitForTrunksAsync(servers);
        }

        return gateway;
    }

    public static RouteConfig CreateRoute() => new() { RouteId = "all", ClusterId = ClusterId, Match = new RouteMatch { Path = "/{**any}" } };

    public static ClusterConfig CreateCluster(string[] servers, Dictionary<string, string>? metadata = null) => new()
    {
        ClusterId = ClusterId,
        LoadBalancingPolicy = "LeastConnections",
        SessionAffinity = new SessionAffinityConfig { Enabled = true, Policy = "ServerId", AffinityKeyName = "SERVERID" },
        HealthCheck = new HealthCheckConfig { Passive = new PassiveHealthCheckConfig { Enabled = true, Policy = "ConnectFailure" } },
        Metadata = metadata,
        Destinations = servers.Select((url, index) => (url, index)).ToDictionary(each => $"s{each.index + 1}", each => new DestinationConfig { Address = each.url }),
    };

    /// <summary>As SIGTERM does it.</summary>
    public Task StopAsync() => _server.App.StopAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        foreach (var relay in Relays)
        {
            relay.Dispose();
        }
    }

    /// <summary>Has the trunks opened, as a first WebSocket would, and waits until they are.</summary>
    public Task WaitForTrunksAsync(params string[] servers) => Eventually.TrueAsync(
        () => servers.All(server =>
        {
            var stream = Services.GetRequiredService<TrunkPool>().TryOpen(new Uri(server), TunnelOptions.Of(Cluster.Model.Config));
            stream?.Close();
            return stream is not null;
        }),
        "trunks lead to the servers");
}
