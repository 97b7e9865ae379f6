using Yarp.ReverseProxy.Configuration;

namespace StickyAspire.Yarp.Health;

/// <summary>Checks a cluster's <c>RiseFall</c> metadata when configuration is loaded, so that a mistake is told at start and a bad reload is refused.</summary>
internal sealed class RiseFallConfigFilter : IProxyConfigFilter
{
    public ValueTask<ClusterConfig> ConfigureClusterAsync(ClusterConfig cluster, CancellationToken cancel)
    {
        RiseFallOptions.Read(cluster.Metadata, out var error);
        return error is null ? ValueTask.FromResult(cluster) : throw new InvalidOperationException($"Cluster '{cluster.ClusterId}': {error}");
    }

    public ValueTask<RouteConfig> ConfigureRouteAsync(RouteConfig route, ClusterConfig? cluster, CancellationToken cancel) => ValueTask.FromResult(route);
}
