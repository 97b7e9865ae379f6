using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StickyAspire.SocketIO;

namespace SocketIO.AdapterSpecs.Running;

/// <summary>A server on Kestrel, in this process.</summary>
public sealed class SpecServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private SpecServer(WebApplication app) => _app = app;

    public ISocketIOServer IO => _app.Services.GetRequiredService<ISocketIOServer>();

    public Uri Url => new(_app.Urls.Single());

    public static async Task<SpecServer> StartAsync(Action<ISocketIOBuilder> addAdapter, Action<SocketIOOptions>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        addAdapter(builder.Services.AddSocketIO(configure));
        var app = builder.Build();
        app.MapSocketIO();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new SpecServer(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
