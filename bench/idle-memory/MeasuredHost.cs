using StickyAspire.SocketIO;

namespace StickyAspire.Bench.IdleMemory;

/// <summary>The server that is measured: the library on an ordinary web application, with one handler, as RealtimeService has it.</summary>
internal static class MeasuredHost
{
    public static async Task<int> RunAsync(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSocketIO();
        var bare = builder.Configuration["mode"] == "kestrel";

        var app = builder.Build();
        if (bare)
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
}
