using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace StickyAspire.Connections;

/// <summary>Lets connections leave HTTP.</summary>
internal static class DetachableConnectionServices
{
    /// <summary>Puts <see cref="DetachingListenerFactory"/> around Kestrel's socket transport, unless the application has chosen another. Kestrel asks the transport first that was added last.</summary>
    public static void AddDetachableConnections(this IServiceCollection services, int filesPerConnection)
    {
        var current = services.LastOrDefault(service => service.ServiceType == typeof(IConnectionListenerFactory) && !service.IsKeyedService);
        if (current is null || current.ImplementationType == typeof(SocketTransportFactory))
        {
            services.AddSingleton<IConnectionListenerFactory>(provider => new DetachingListenerFactory(
                ActivatorUtilities.CreateInstance<SocketTransportFactory>(provider),
                filesPerConnection,
                provider.GetService<TimeProvider>() ?? TimeProvider.System,
                provider.GetRequiredService<ILogger<DetachingListenerFactory>>(),
                provider.GetRequiredService<IOptions<KestrelServerOptions>>()));
        }
    }
}
