namespace StickyAspire.SystemTests.Running;

/// <summary>One system for the tests that break nothing.</summary>
public sealed class SharedSystem : IAsyncLifetime
{
    internal RunningSystem System { get; private set; } = null!;

    internal string Url => System.GatewayUrl;

    public async ValueTask InitializeAsync() => System = await RunningSystem.StartAsync("--bench");

    public ValueTask DisposeAsync() => System.DisposeAsync();
}
