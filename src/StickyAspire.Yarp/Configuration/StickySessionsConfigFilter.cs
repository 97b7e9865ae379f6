using Yarp.ReverseProxy.Configuration;

namespace StickyAspire.Yarp.Configuration;

/// <summary>Checks our metadata of every cluster when configuration is loaded, so that a mistake is told at start and a bad reload is refused.</summary>
internal sealed class StickySessionsConfigFilter(IEnumerable<IClusterOptionsCheck> checks) : IProxyConfigFilter
{
    private readonly IClusterOptionsCheck[] _checks = [.. checks];
    private readonly HashSet<string> _prefixes = new(checks.SelectMany(check => check.Prefixes), StringComparer.OrdinalIgnoreCase);

    public ValueTask<ClusterConfig> ConfigureClusterAsync(ClusterConfig cluster, CancellationToken cancel)
    {
        var errors = new List<string>();
        var metadata = new MetadataReader(cluster.Metadata, $"Cluster '{cluster.ClusterId}'");
        foreach (var check in _checks)
        {
            check.CheckCluster(cluster, metadata);
        }

        metadata.RefuseUnknown(_prefixes);
        errors.AddRange(metadata.Errors);
        foreach (var (id, destination) in cluster.Destinations ?? new Dictionary<string, DestinationConfig>())
        {
            var reader = new MetadataReader(destination.Metadata, $"Cluster '{cluster.ClusterId}', destination '{id}'");
            foreach (var check in _checks)
            {
                check.CheckDestination(id, destination, reader);
            }

            reader.RefuseUnknown(_prefixes);
            errors.AddRange(reader.Errors);
        }

        return errors.Count == 0 ? ValueTask.FromResult(cluster) : throw new InvalidOperationException(string.Join(" ", errors.Distinct(StringComparer.Ordinal)));
    }

    public ValueTask<RouteConfig> ConfigureRouteAsync(RouteConfig route, ClusterConfig? cluster, CancellationToken cancel) => ValueTask.FromResult(route);
}
