using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using StickyAspire.Connections;
using StickyAspire.SocketIO;
using StickyAspire.SocketIO.Adapters;
using StickyAspire.SocketIO.Diagnostics;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the Socket.IO server to an application.</summary>
public static class SocketIOServiceCollectionExtensions
{
    /// <summary>Adds the Socket.IO server. Map it with <c>app.MapSocketIO("/socket.io")</c>; inject <see cref="ISocketIOServer"/> to use it.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Sets options. They are checked when the application starts.</param>
    public static ISocketIOBuilder AddSocketIO(this IServiceCollection services, Action<SocketIOOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<SocketIOMetrics>();
        services.TryAddSingleton<ISocketIOAdapterFactory, InMemoryAdapterFactory>();
        services.TryAddSingleton<SocketIOServer>();
        services.TryAddSingleton<ISocketIOServer>(provider => provider.GetRequiredService<SocketIOServer>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SocketIOOptions>, SocketIOOptionsValidator>());
        services.AddHostedService<SocketIOHostedService>();
        services.AddDetachableConnections(filesPerConnection: 1);
        services.AddOptions<SocketIOOptions>().Configure(configure ?? (_ => { })).ValidateOnStart();
        return new SocketIOBuilder(services);
    }
}
