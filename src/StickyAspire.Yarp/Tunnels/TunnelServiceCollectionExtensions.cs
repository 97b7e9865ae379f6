using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using StickyAspire.Yarp.Configuration;
using StickyAspire.Yarp.Health;
using StickyAspire.Yarp.Tunnels.Handshake;
using Yarp.ReverseProxy.Forwarder;

namespace StickyAspire.Yarp.Tunnels;

internal static class TunnelServiceCollectionExtensions
{
    /// <summary>Puts the tunnels in front of the forwarder that is registered, once.</summary>
    public static void AddTunnels(this IServiceCollection services)
    {
        if (services.Any(service => service.ServiceType == typeof(TunnelRegistry)))
        {
            return;
        }

        services.AddMetrics();
        services.AddSingleton<TunnelRegistry>();
        services.AddSingleton<TunnelMetrics>();
        services.AddSingleton<AddressCache>();
        services.AddSingleton<ServerConnector>();
        services.AddSingleton<TrunkPool>();
        services.AddSingleton<UpgradeHandshake>();
        services.AddSingleton<IServerDownListener, MarkedDownTunnels>();
        services.AddHostedService<TunnelShutdown>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IClusterOptionsCheck, TunnelOptionsCheck>());

        var inner = services.Last(service => service.ServiceType == typeof(IHttpForwarder) && !service.IsKeyedService);
        services.Replace(ServiceDescriptor.Singleton<IHttpForwarder>(provider => new TunnelForwarder(
            Create(inner, provider),
            provider.GetRequiredService<UpgradeHandshake>(),
            provider.GetRequiredService<TunnelRegistry>(),
            provider.GetRequiredService<TunnelMetrics>(),
            provider.GetRequiredService<ILogger<TunnelForwarder>>())));
    }

    private static IHttpForwarder Create(ServiceDescriptor descriptor, IServiceProvider provider) => (IHttpForwarder)(
        descriptor.ImplementationInstance
        ?? descriptor.ImplementationFactory?.Invoke(provider)
        ?? ActivatorUtilities.CreateInstance(provider, descriptor.ImplementationType!));
}
