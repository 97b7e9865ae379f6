using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace StickyAspire.RealtimeService.Backplane;

/// <summary>Redis away is Degraded, never Unhealthy: sessions live on this replica and must not be moved off it for that.</summary>
internal sealed class RedisBackplaneHealthCheck(RedisBackplane backplane) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        // Started here, if nobody has yet, and not waited for.
        _ = backplane.GetAsync();
        return Task.FromResult(backplane.Current is null
            ? HealthCheckResult.Degraded("Redis cannot be reached; this replica serves its own clients.")
            : HealthCheckResult.Healthy());
    }
}
