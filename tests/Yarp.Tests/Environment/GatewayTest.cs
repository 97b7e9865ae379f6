using Microsoft.Extensions.DependencyInjection;

namespace Yarp.Tests.Environment;

/// <summary>A test with three servers, <c>s1</c> to <c>s3</c>, and what gateways it starts in front of them.</summary>
public abstract class GatewayTest : IAsyncLifetime
{
    private readonly List<IAsyncDisposable> _started = [];

    internal Upstream S1 { get; private set; } = null!;

    internal Upstream S2 { get; private set; } = null!;

    internal Upstream S3 { get; private set; } = null!;

    internal IReadOnlyList<Upstream> Upstreams => [S1, S2, S3];

    public async ValueTask InitializeAsync()
    {
        S1 = await Upstream.StartAsync("s1");
        S2 = await Upstream.StartAsync("s2");
        S3 = await Upstream.StartAsync("s3");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var upstream in Upstreams)
        {
            upstream.ReleaseAll();
        }

        foreach (var each in _started)
        {
            await each.DisposeAsync();
        }

        foreach (var upstream in Upstreams)
        {
            await upstream.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    internal async Task<Gateway> StartAsync(ClusterSettings settings, TimeProvider? timeProvider = null, IEnumerable<Upstream>? upstreams = null, Action<IReverseProxyBuilder>? configure = null)
    {
        var gateway = await Gateway.StartAsync(settings, upstreams ?? Upstreams, configure, timeProvider);
        _started.Add(gateway);
        return gateway;
    }

    internal async Task<Gateway> StartAsync(params string[] metadata) => await StartAsync(ClusterSettings.With(metadata));
}
