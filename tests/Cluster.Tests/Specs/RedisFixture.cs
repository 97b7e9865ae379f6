using StickyAspire.TestSupport;

namespace Cluster.Tests.Specs;

/// <summary>A redis-server for a class of specs, which outlives its death.</summary>
public sealed class RedisFixture : IAsyncLifetime
{
    internal RedisProcess Process { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        if (!RedisProcess.IsInstalled)
        {
            Assert.SkipWhen(Environment.GetEnvironmentVariable("CI") != "true", "redis-server is not installed: run ./test.");
        }

        Process = await RedisProcess.StartAsync(isPersistent: true);
    }

    public ValueTask DisposeAsync() => Process?.DisposeAsync() ?? ValueTask.CompletedTask;
}
