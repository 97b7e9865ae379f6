using StickyAspire.Replica;
using StickyAspire.SocketIO;

namespace StickyAspire.RealtimeService.Bench;

/// <summary>What load tools talk to: the Socket.IO words, the same as a SignalR hub, and one plain answer.</summary>
internal static class BenchApplicationExtensions
{
    /// <summary>Maps them where <c>Realtime:BenchHandlers</c> says so.</summary>
    public static void MapBench(this WebApplication app)
    {
        if (!app.Configuration.GetValue<bool>("Realtime:BenchHandlers"))
        {
            return;
        }

        app.Services.GetRequiredService<ISocketIOServer>().MapBench(app.Services.GetRequiredService<ReplicaIdentity>());
        app.MapHub<BenchHub>("/hubs/bench").WithServerIdTokens();
        app.MapGet("/bench/plain", () => Results.Text("ok"));
    }
}
