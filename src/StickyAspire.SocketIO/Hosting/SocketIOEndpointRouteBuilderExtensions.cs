using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StickyAspire.SocketIO;
using StickyAspire.SocketIO.Diagnostics;
using StickyAspire.SocketIO.Engine;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps Socket.IO and Engine.IO endpoints.</summary>
public static class SocketIOEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Serves Socket.IO under a path, with and without a slash at its end. The result takes endpoint conventions
    /// (<c>RequireAuthorization</c>, <c>RequireCors</c>, rate limits), which hold for every request of a session.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="path">The path. Default <c>/socket.io</c>, which is what clients expect.</param>
    public static IEndpointConventionBuilder MapSocketIO(this IEndpointRouteBuilder endpoints, string path = "/socket.io")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var server = endpoints.ServiceProvider.GetRequiredService<SocketIOServer>();
        if (server.Options.ClientDirectory is not { } directory)
        {
            return Map(endpoints, path, server.Engine.HandleAsync, "Socket.IO");
        }

        var files = new ClientFiles(Path.GetFullPath(directory));
        return Map(endpoints, path, context => files.TryServe(context) ?? server.Engine.HandleAsync(context), "Socket.IO");
    }

    /// <summary>Serves bare Engine.IO under a path: messages without namespaces, events or rooms.</summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="path">The path, for example <c>/engine.io</c>.</param>
    /// <param name="onConnection">Called for each session; says what handles its messages.</param>
    /// <param name="configure">Sets options.</param>
    /// <exception cref="OptionsValidationException">An option's value is not allowed.</exception>
    public static IEndpointConventionBuilder MapEngineIO(
        this IEndpointRouteBuilder endpoints, string path, Func<EngineSession, IEngineSessionHandler> onConnection, Action<EngineOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(onConnection);
        var options = new EngineOptions();
        configure?.Invoke(options);
        if ((string[])[.. EngineOptionsCheck.FindErrors(options, "EngineOptions."), .. EngineOptionsCheck.FindNumberErrors(options, "EngineOptions.")] is { Length: > 0 } errors)
        {
            throw new OptionsValidationException(nameof(EngineOptions), typeof(EngineOptions), errors);
        }

        var services = endpoints.ServiceProvider;
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("StickyAspire.SocketIO.Engine");
        var engine = new EngineServer(
            options, onConnection, services.GetService<SocketIOMetrics>() ?? new SocketIOMetrics(services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>()),
            services.GetService<TimeProvider>() ?? TimeProvider.System, logger);
        services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping
            .Register(() => engine.Close(EngineCloseReason.ServerShuttingDown));
        return Map(endpoints, path, engine.HandleAsync, "Engine.IO");
    }

    private static IEndpointConventionBuilder Map(IEndpointRouteBuilder endpoints, string path, RequestDelegate handle, string displayName)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);

        // WebSockets are switched on for this endpoint alone, so that an application need not think of it.
        var pipeline = endpoints.CreateApplicationBuilder();
        pipeline.UseWebSockets();
        pipeline.Run(handle);
        return endpoints.Map(path.TrimEnd('/') + "/{**rest}", pipeline.Build()).WithDisplayName(displayName);
    }
}
