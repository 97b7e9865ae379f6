using Microsoft.Extensions.DependencyInjection.Extensions;
using StickyAspire.Connections;
using StickyAspire.Yarp.Admission;
using StickyAspire.Yarp.Affinity;
using StickyAspire.Yarp.Configuration;
using StickyAspire.Yarp.Diagnostics;
using StickyAspire.Yarp.Forwarding;
using StickyAspire.Yarp.Health;
using StickyAspire.Yarp.LoadBalancing;
using StickyAspire.Yarp.Membership;
using StickyAspire.Yarp.Model;
using StickyAspire.Yarp.Routing;
using StickyAspire.Yarp.Tunnels;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.LoadBalancing;
using Yarp.ReverseProxy.Model;
using Yarp.ReverseProxy.ServiceDiscovery;
using Yarp.ReverseProxy.SessionAffinity;
using Yarp.ReverseProxy.Transforms.Builder;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>HAProxy's stickiness and balancing for YARP.</summary>
public static class StickySessionsReverseProxyBuilderExtensions
{
    /// <summary>
    /// Adds the affinity policies <c>ServerId</c> and <c>Stick</c>, the balancing policies <c>LeastConnections</c>, <c>WeightedRoundRobin</c>, <c>ConsistentHash</c>, <c>Source</c>, <c>First</c> and
    /// <c>RandomTwo</c>, and the health policies <c>RiseFall</c> (active) and <c>ConnectFailure</c> (passive), to be named in YARP's configuration. A monitor of ours sends the active checks.
    /// WebSockets over HTTP/1.1 to http destinations go through tunnels that cost less than YARP's own, have an idle timeout of their own (metadata <c>Tunnel.IdleTimeout</c>) and end with a close
    /// frame when the gateway goes down; metadata <c>Tunnel.Enabled: false</c> leaves a cluster's to YARP.
    /// </summary>
    public static IReverseProxyBuilder AddStickySessions(this IReverseProxyBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.TryAddSingleton<ServerRegistry>();
        services.TryAddSingleton<ServerHealth>();

        // YARP's own monitor stays registered, and idle: nobody starts it.
        services.TryAddSingleton<ServerCheckMonitor>();
        services.Replace(ServiceDescriptor.Singleton<IActiveHealthCheckMonitor>(provider => provider.GetRequiredService<ServerCheckMonitor>()));
        services.AddSingleton<IClusterChangeListener>(provider => provider.GetRequiredService<ServerCheckMonitor>());
        services.TryAddSingleton<TrafficObserver>();
        services.TryAddSingleton<RequestDownListener>();
        services.AddSingleton<IServerDownListener>(provider => provider.GetRequiredService<RequestDownListener>());
        services.AddSingleton<IClusterChangeListener>(provider => provider.GetRequiredService<ServerRegistry>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ISessionAffinityPolicy, ServerIdSessionAffinityPolicy>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ISessionAffinityPolicy, StickSessionAffinityPolicy>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IAffinityFailurePolicy, PersistAffinityFailurePolicy>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ITransformProvider, ServerIdTransformProvider>());
        services.TryAddSingleton<IStickTable, MemoryStickTable>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ILoadBalancingPolicy, LeastConnectionsLoadBalancingPolicy>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ILoadBalancingPolicy, WeightedRoundRobinLoadBalancingPolicy>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ILoadBalancingPolicy, ConsistentHashLoadBalancingPolicy>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ILoadBalancingPolicy, SourceLoadBalancingPolicy>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ILoadBalancingPolicy, FirstLoadBalancingPolicy>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ILoadBalancingPolicy, RandomTwoLoadBalancingPolicy>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IActiveHealthCheckPolicy, RiseFallHealthPolicy>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPassiveHealthCheckPolicy, ConnectFailureHealthPolicy>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IClusterOptionsCheck, HealthOptionsCheck>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IClusterOptionsCheck, ServerOptionsCheck>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IClusterOptionsCheck, BalanceOptionsCheck>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IClusterOptionsCheck, RetryOptionsCheck>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IClusterOptionsCheck, ServerCookieOptionsCheck>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IClusterOptionsCheck, PersistOptionsCheck>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IClusterOptionsCheck, StickOptionsCheck>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IClusterOptionsCheck, AdmissionOptionsCheck>());
        services.AddTunnels();
        services.AddDetachableConnections(filesPerConnection: 2);
        UseFrugalHttpClients(services);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IProxyConfigFilter, StickySessionsConfigFilter>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IProxyConfigFilter, PersistConfigFilter>());
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<StickyMetrics>();
        services.TryAddSingleton<StickyPipeline>();
        services.TryAddSingleton<AdmissionRegistry>();
        WatchDestinations(services);
        return builder;
    }

    /// <summary>
    /// Resolves destinations whose address names a service (<c>http://realtime-1</c>) by Microsoft.Extensions.ServiceDiscovery, and keeps their ids:
    /// the destination <c>s1</c> stays <c>s1</c>, as its cookies need it. Call <c>services.AddServiceDiscovery()</c> too.
    /// </summary>
    public static IReverseProxyBuilder AddServiceDiscoveryDestinations(this IReverseProxyBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.Replace(ServiceDescriptor.Singleton<IDestinationResolver, ServiceDiscoveryDestinationResolver>());
        return builder;
    }

    /// <summary>Unless the application makes its clients in a way of its own.</summary>
    private static void UseFrugalHttpClients(IServiceCollection services)
    {
        if (services.LastOrDefault(each => each.ServiceType == typeof(IForwarderHttpClientFactory))?.ImplementationType == typeof(ForwarderHttpClientFactory))
        {
            services.Replace(ServiceDescriptor.Singleton<IForwarderHttpClientFactory, FrugalHttpClientFactory>());
        }
    }

    /// <summary>Puts <see cref="WatchedDestinationsUpdater"/> around YARP's updater.</summary>
    private static void WatchDestinations(IServiceCollection services)
    {
        if (services.Any(each => each.ServiceType == typeof(DestinationsWatch)))
        {
            return;
        }

        services.AddSingleton<DestinationsWatch>();
        if (services.LastOrDefault(each => each.ServiceType == typeof(IClusterDestinationsUpdater))?.ImplementationType is not { } inner)
        {
            return;
        }

        services.AddKeyedSingleton(typeof(IClusterDestinationsUpdater), WatchedDestinationsUpdater.InnerKey, inner);
        services.AddSingleton<IClusterDestinationsUpdater>(provider => new WatchedDestinationsUpdater(
            provider.GetRequiredKeyedService<IClusterDestinationsUpdater>(WatchedDestinationsUpdater.InnerKey), provider.GetRequiredService<DestinationsWatch>()));
    }
}
