using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Yarp.Tests.Tunnels.Running;

/// <summary>A real Kestrel on a port of its own.</summary>
internal sealed class WebServer : IAsyncDisposable
{
    private WebServer(WebApplication app) => App = app;

    public WebApplication App { get; }

    public string Url { get; private set; } = "";

    public int Port => new Uri(Url).Port;

    /// <summary>A server that answers by the handler.</summary>
    public static Task<WebServer> StartAsync(RequestDelegate handler) => StartAsync(
        _ => { },
        app =>
        {
            app.UseWebSockets();
            app.Run(handler);
        });

    public static async Task<WebServer> StartAsync(Action<WebApplicationBuilder> build, Action<WebApplication> use, HttpProtocols protocols = HttpProtocols.Http1, X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = protocols;
            if (certificate is not null)
            {
                listen.UseHttps(certificate);
            }
        }));
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning));
        builder.Services.AddRouting();
        build(builder);
        var server = new WebServer(builder.Build());
        use(server.App);
        await server.App.StartAsync(TestContext.Current.CancellationToken);
        server.Url = server.App.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single();
        return server;
    }

    /// <summary>Sends every message back in the pieces it came in, until the client closes.</summary>
    public static async Task EchoAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var result = await socket.ReceiveAsync(buffer.AsMemory(), context.RequestAborted);
            if (result.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseOutputAsync(socket.CloseStatus ?? WebSocketCloseStatus.Empty, null, context.RequestAborted);
                return;
            }

            await socket.SendAsync(buffer.AsMemory(0, result.Count), result.MessageType, result.EndOfMessage, context.RequestAborted);
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Servers in tests need not be patient.
        using var now = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await App.StopAsync(now.Token);
        await App.DisposeAsync();
    }
}
