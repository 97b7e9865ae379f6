using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StickyAspire.Connections;
using StickyAspire.Trunks;

namespace StickyAspire.Replica;

/// <summary>Takes a gateway's trunk, and gives its streams to Kestrel as connections.</summary>
internal static partial class TrunkEndpoint
{
    /// <summary>What proxies say of whom they speak for. A gateway asks for a trunk on its own account, so whoever comes by a proxy is a client that has no business here.</summary>
    private static readonly string[] ForwardedHeaders = ["Forwarded", "X-Forwarded-For", "Via"];

    public static Task AcceptAsync(HttpContext context)
    {
        var status = Check(context);
        if (status != StatusCodes.Status101SwitchingProtocols)
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        }

        return RunAsync(context, context.Features.GetRequiredFeature<DetachableConnection>().Listener.Others);
    }

    private static int Check(HttpContext context)
    {
        if (!context.RequestServices.GetRequiredService<IOptions<ReplicaOptions>>().Value.Trunks)
        {
            return StatusCodes.Status404NotFound;
        }

        if (ForwardedHeaders.Any(context.Request.Headers.ContainsKey))
        {
            return StatusCodes.Status403Forbidden;
        }

        if (context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true } || context.Request.Headers.Upgrade != TrunkProtocol.Name)
        {
            context.Response.Headers.Upgrade = TrunkProtocol.Name;
            return StatusCodes.Status426UpgradeRequired;
        }

        // Only a listener of ours takes connections that it has not accepted itself.
        return context.Features.Get<DetachableConnection>() is null ? StatusCodes.Status501NotImplemented : StatusCodes.Status101SwitchingProtocols;
    }

    private static async Task RunAsync(HttpContext context, ChannelWriter<ConnectionContext> listener)
    {
        context.Features.Get<IHttpRequestTimeoutFeature>()?.DisableTimeout();
        var services = context.RequestServices;
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(TrunkEndpoint).FullName!);
        var stopping = services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        var inline = services.GetRequiredService<IOptions<SocketTransportOptions>>().Value.UnsafePreferInlineScheduling;
        var timeProvider = services.GetService<TimeProvider>() ?? TimeProvider.System;
        var origin = TrunkOrigin.Of(context.Connection);
        var features = new FeatureCollection();
        features.Set(context.Features.Get<IMemoryPoolFeature>());
        context.Response.Headers.Connection = "Upgrade";
        context.Response.Headers.Upgrade = TrunkProtocol.Name;
        var upgraded = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
        var detached = DetachableConnection.TryDetach(context, upgraded);
        var trunk = new Trunk(detached is null ? new StreamTrunkTransport(upgraded, context.Abort) : new PipeTrunkTransport(detached), Accept, inline, timeProvider);
        if (detached is null)
        {
            await RunAsync(trunk, detached, origin, logger, stopping);
        }
        else
        {
            // It has left HTTP, and lets its request end here.
            EmptyContext.Start(() => RunAsync(trunk, detached, origin, logger, stopping));
        }

        void Accept(TrunkStream stream)
        {
            if (!listener.TryWrite(new TrunkConnection(stream, origin, features)))
            {
                stream.Refuse();
            }
        }
    }

    private static async Task RunAsync(Trunk trunk, DetachedConnection? detached, TrunkOrigin origin, ILogger logger, CancellationToken stopping)
    {
        await using (detached)
        await using (stopping.UnsafeRegister(static trunk => ((Trunk)trunk!).Leave(), trunk))
        {
            LogOpened(logger, origin.Remote);
            var exception = await trunk.RunAsync();
            LogEnded(logger, exception, origin.Remote);
        }
    }

    [LoggerMessage(LogLevel.Debug, "A gateway at {Address} has opened a trunk.")]
    private static partial void LogOpened(ILogger logger, EndPoint? address);

    [LoggerMessage(LogLevel.Debug, "The trunk of a gateway at {Address} has ended.")]
    private static partial void LogEnded(ILogger logger, Exception? exception, EndPoint? address);
}
