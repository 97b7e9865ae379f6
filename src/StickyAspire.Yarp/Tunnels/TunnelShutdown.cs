using Microsoft.Extensions.Hosting;

namespace StickyAspire.Yarp.Tunnels;

/// <summary>
/// Closes the tunnels as soon as the host begins to stop. The web server stops before hosted services do, and would wait for upgraded connections until its time is up,
/// so this does not wait for its own turn.
/// </summary>
internal sealed class TunnelShutdown(TunnelRegistry registry, IHostApplicationLifetime lifetime) : IHostedService
{
    private CancellationTokenRegistration _registration;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _registration = lifetime.ApplicationStopping.Register(registry.Stop);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _registration.Dispose();
        return Task.CompletedTask;
    }
}
