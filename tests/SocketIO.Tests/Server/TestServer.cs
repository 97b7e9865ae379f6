using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
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
        Action<SocketIOOptions>? configure = null, Action<ISocketIOServer>? map = null, Action<ISocketIOBuilder>? build = null, Action<WebApplication>? use = null,
        Action<IEndpointConventionBuilder>? endpoint = null, Action<KestrelServerOptions>? kestrel = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(options => kestrel?.Invoke(options));
        builder.Logging.ClearProviders();
        var socketIO = builder.Services.AddSocketIO(configure);
        build?.Invoke(socketIO);
        var app = builder.Build();
        use?.Invoke(app);
        var mapped = app.MapSocketIO();
        endpoint?.Invoke(mapped);
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

    /// <summary>The client's socket, once the server has it wholly: a client knows that it is in before the connection handlers have run.</summary>
    public async Task<ISocketIOSocket> GetSocketAsync(TestClient client, string nsp = "/")
    {
        ISocketIOSocket? socket = null;
        await Eventually.TrueAsync(() => IO.Of(nsp).Sockets.TryGetValue(client.Id, out socket) && socket.IsConnected, "the client's socket is connected");
        return socket!;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
