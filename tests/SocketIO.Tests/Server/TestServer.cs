using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StickyAspire.SocketIO;

namespace SocketIO.Tests.Server;

/// <summary>A Socket.IO server on Kestrel, in this process.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestServer(WebApplication app) => _app = app;

    public ISocketIOServer IO => _app.Services.GetRequiredService<ISocketIOServer>();

    public IServiceProvider Services => _app.Services;

    /// <summary>Open sessions of the transports.</summary>
    public int SessionCount => _app.Services.GetRequiredService<SocketIOServer>().Engine.SessionCount;

    public Uri Url => new(_app.Urls.Single());

    public static async Task<TestServer> StartAsync(
        Action<SocketIOOptions>? configure = null, Action<ISocketIOServer>? map = null, Action<ISocketIOBuilder>? build = null, Action<WebApplication>? use = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var socketIO = builder.Services.AddSocketIO(configure);
        build?.Invoke(socketIO);
        var app = builder.Build();
        use?.Invoke(app);
        app.MapSocketIO();
        map?.Invoke(app.Services.GetRequiredService<ISocketIOServer>());
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new TestServer(app);
    }

    /// <summary>A client, connected to a namespace.</summary>
    public async Task<TestClient> ConnectAsync(string nsp = "/", string? auth = null)
    {
        var client = await TestClient.OpenAsync(Url);
        await client.JoinAsync(nsp, auth);
        return client;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
