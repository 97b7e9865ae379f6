using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace Yarp.Tests.Environment;

/// <summary>A real gateway in this process, on a free port: YARP with <c>AddStickySessions</c> and <c>UseStickySessions</c>.</summary>
internal sealed class Gateway : IAsyncDisposable
{
    private static readonly RouteConfig[] Routes = [new() { RouteId = "all", ClusterId = ClusterSettings.ClusterId, Match = new RouteMatch { Path = "/{**any}" } }];

    private readonly WebApplication _app;

    private Gateway(WebApplication app)
    {
        _app = app;
        Port = new Uri(app.Urls.Single()).Port;
        Client = new Client(Port);
    }

    public int Port { get; }

    public Client Client { get; }

    public IServiceProvider Services => _app.Services;

    public ClusterState Cluster => Services.GetRequiredService<IProxyStateLookup>().TryGetCluster(ClusterSettings.ClusterId, out var cluster) ? cluster : throw new InvalidOperationException();

    public static async Task<Gateway> StartAsync(
        ClusterSettings settings, IEnumerable<Upstream> upstreams, Action<IReverseProxyBuilder>? configure = null, TimeProvider? timeProvider = null, bool hasPipeline = true)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        if (timeProvider is not null)
        {
            builder.Services.AddSingleton(timeProvider);
        }

        var proxy = builder.Services.AddReverseProxy().LoadFromMemory(Routes, [settings.ToConfig(upstreams)]).AddStickySessions();
        configure?.Invoke(proxy);
        var app = builder.Build();
        if (hasPipeline)
        {
            app.MapReverseProxy(pipeline => pipeline.UseStickySessions());
        }
        else
        {
            app.MapReverseProxy();
        }

        await app.StartAsync();
        return new Gateway(app);
    }

    /// <summary>Loads another configuration, and waits until it is in force.</summary>
    public async Task ReloadAsync(ClusterSettings settings, IEnumerable<Upstream> upstreams)
    {
        var config = settings.ToConfig(upstreams);
        Services.GetRequiredService<InMemoryConfigProvider>().Update(Routes, [config]);
        await Eventually.TrueAsync(
            () => Cluster.Model.Config.Metadata!.OrderBy(each => each.Key).SequenceEqual(config.Metadata!.OrderBy(each => each.Key)) && Cluster.Destinations.Keys.Order().SequenceEqual(config.Destinations!.Keys.Order()),
            "the new configuration is in force");
    }

    /// <summary>Marks a server down, or up again, as a failed connection does.</summary>
    public async Task MarkAsync(string serverId, bool isUp)
    {
        var server = Cluster.Destinations[serverId];
        Services.GetRequiredService<IDestinationHealthUpdater>().SetPassive(Cluster, server, isUp ? DestinationHealth.Healthy : DestinationHealth.Unhealthy, TimeSpan.FromHours(1));

        // YARP makes its new list on another thread.
        await Eventually.TrueAsync(() => Cluster.DestinationsState.AvailableDestinations.Contains(server) == isUp, $"{serverId} is {(isUp ? "up" : "down")}");
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}
