using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Model;

namespace StickyAspire.Yarp.Model;

/// <summary>Finds the <see cref="ServerStatus"/> of each cluster's servers. They stay through reloads, and go with their destination.</summary>
internal sealed class ServerRegistry(TimeProvider timeProvider) : IClusterChangeListener
{
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, ServerStatus>> _clusters = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConditionalWeakTable<DestinationState, ServerStatus> _known = [];

    /// <summary>A destination's status. Cheap, but not free: what looks at a hundred of them for each request had better keep them.</summary>
    public ServerStatus Get(ClusterState cluster, DestinationState destination) =>
        _known.TryGetValue(destination, out var status) ? status : _known.GetValue(destination, each => Get(cluster.ClusterId, each.DestinationId));

    /// <summary>The same by ids.</summary>
    public ServerStatus Get(string clusterId, string serverId) =>
        _clusters.GetOrAdd(clusterId, static _ => new(StringComparer.OrdinalIgnoreCase))
            .GetOrAdd(serverId, static (id, given) => new ServerStatus(given.ClusterId, id, given.Now), (ClusterId: clusterId, Now: timeProvider.GetUtcNow()));

    public void OnClusterAdded(ClusterState cluster)
    {
    }

    public void OnClusterChanged(ClusterState cluster)
    {
        if (_clusters.TryGetValue(cluster.ClusterId, out var servers) && cluster.Model.Config.Destinations is { } destinations)
        {
            foreach (var gone in servers.Keys.Where(id => !destinations.ContainsKey(id)))
            {
                servers.TryRemove(gone, out _);
            }
        }
    }

    public void OnClusterRemoved(ClusterState cluster) => _clusters.TryRemove(cluster.ClusterId, out _);
}
