using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using StickyAspire.SocketIO;
using Yarp.ReverseProxy.Configuration;

namespace StickyAspire.Bench.IdleMemory;

/// <summary>The server that is measured: the library on an ordinary web application, with one handler, as RealtimeService has it; or a gateway.</summary>
internal static class MeasuredHost
{
    public static async Task<int> RunAsync(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var mode = builder.Configuration["mode"];
        if (mode == "gateway")
        {
            AddGateway(builder);
        }
        else
        {
            builder.Services.AddSocketIO();
        }

        var app = builder.Build();
        if (mode == "gateway")
        {
            app.MapReverseProxy(proxy => proxy.UseStickySessions());
        }
        else if (mode == "kestrel")
        {
            // What Kestrel and its WebSocket cost without us: accept, answer as we do, and wait.
            app.UseWebSockets();
            app.Map("/socket.io/", BareSocket.RunAsync);
        }
        else
        {
            app.MapSocketIO();
            app.Services.GetRequiredService<ISocketIOServer>().OnConnection(socket =>
            {
                socket.On("message", (string text) => text.Length);
                return Task.CompletedTask;
            });
        }

        app.MapPost("/collect", () =>
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        });
        app.MapGet("/heap", () => GC.GetTotalMemory(forceFullCollection: false).ToString());
        await app.StartAsync();
        Console.WriteLine(app.Urls.First());
        await app.WaitForShutdownAsync();
        return 0;
    }

    /// <summary>As Gateway has it: affinity, balancing, statistics, and sockets whose bytes are passed on by the thread that hears of them.</summary>
    private static void AddGateway(WebApplicationBuilder builder)
    {
        var cluster = new ClusterConfig
        {
            ClusterId = "realtime",
            LoadBalancingPolicy = "LeastConnections",
            SessionAffinity = new SessionAffinityConfig { Enabled = true, Policy = "ServerId", AffinityKeyName = "SERVERID" },
            Metadata = new Dictionary<string, string> { ["Tunnel.Detach"] = builder.Configuration["detach"] ?? "true" },
            Destinations = new Dictionary<string, DestinationConfig> { ["s1"] = new() { Address = builder.Configuration["backend"]! } },
        };
        builder.Services.Configure<SocketTransportOptions>(options => options.UnsafePreferInlineScheduling = true);
        builder.Services.AddReverseProxy()
            .LoadFromMemory([new RouteConfig { RouteId = "realtime", ClusterId = cluster.ClusterId, Match = new RouteMatch { Path = "/socket.io/{**rest}" } }], [cluster])
            .AddStickySessions()
            .AddStats();
    }
}
