using Microsoft.Extensions.Options;
using StickyAspire.RealtimeService.Backplane;
using StickyAspire.Replica;
using StickyAspire.SocketIO;
using StickyAspire.SocketIO.Redis;

namespace StickyAspire.RealtimeService.Status;

/// <summary><c>GET /status</c>: who answers, how replicas reach each other, and whether sessions are recovered. The demo page shows it.</summary>
internal static partial class StatusEndpoint
{
    public static void MapStatus(this WebApplication app)
    {
        var status = Create(app.Services);
        LogStatus(app.Logger, status.Server, status.Adapter, status.Recovery ? "on" : "off");
        app.MapGet("/status", () => status);
    }

    private static ReplicaStatus Create(IServiceProvider services)
    {
        var server = services.GetRequiredService<ReplicaIdentity>().ServerId;
        var recovers = services.GetRequiredService<IOptions<SocketIOOptions>>().Value.ConnectionStateRecovery is not null;
        if (!services.GetRequiredService<RedisBackplane>().IsConfigured)
        {
            return new ReplicaStatus(server, "Memory", recovers);
        }

        var mode = services.GetRequiredService<IOptions<RedisAdapterOptions>>().Value.Mode;
        return new ReplicaStatus(server, mode.ToString(), recovers && mode == RedisAdapterMode.Streams);
    }

    [LoggerMessage(LogLevel.Information, "Replica {Server} reaches the others by {Adapter}; recovery of sessions is {Recovery}.")]
    private static partial void LogStatus(ILogger logger, string server, string adapter, string recovery);
}
