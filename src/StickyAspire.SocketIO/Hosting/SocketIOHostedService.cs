using Microsoft.Extensions.Hosting;

namespace StickyAspire.SocketIO;

/// <summary>Closes the server when the host begins to stop: before the web server waits for its connections, which would otherwise stay.</summary>
internal sealed class SocketIOHostedService(SocketIOServer server) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppingAsync(CancellationToken cancellationToken) => await server.CloseAsync();

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
