using Microsoft.Extensions.DependencyInjection.Extensions;
using StickyAspire.Yarp.Affinity;
using StickyAspire.Yarp.Configuration;
using StickyAspire.Yarp.Forwarding;
using StickyAspire.Yarp.Health;
using StickyAspire.Yarp.LoadBalancing;
using StickyAspire.Yarp.Membership;
using StickyAspire.Yarp.Model;
using Yarp.ReverseProxy.Configuration;
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
    /// Adds the affinity policy <c>ServerId</c>, the balancing policy <c>LeastConnections</c>, and the health policies <c>RiseFall</c> (active)
    /// and <c>ConnectFailure</c> (passive), to be named in YARP's configuration.
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
        services.AddSingleton<IClusterChangeListener>(provider => provider.GetRequiredService<ServerRegistry>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ISessionAffinityPolicy, ServerIdSessionAffinityPolicy>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ITransformProvider, ServerIdTransformProvider>());
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
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IProxyConfigFilter, StickySessionsConfigFilter>());
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
}
