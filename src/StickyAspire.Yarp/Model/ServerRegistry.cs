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
    private int _version;

    /// <summary>Another number after anything that balancing goes by has changed on any server.</summary>
    public int Version => Volatile.Read(ref _version);

    /// <summary>A destination's status. Cheap, but not free: what looks at a hundred of them for each request had better keep them.</summary>
    public ServerStatus Get(ClusterState cluster, DestinationState destination) =>
        _known.TryGetValue(destination, out var status) ? status : Find(cluster.ClusterId, destination);

    /// <summary>The same by ids.</summary>
    public ServerStatus Get(string clusterId, string serverId) =>
        _clusters.GetOrAdd(clusterId, static _ => new(StringComparer.OrdinalIgnoreCase))
            .GetOrAdd(serverId, static (id, given) => new ServerStatus(given.Registry, given.ClusterId, id, given.Now), (Registry: this, ClusterId: clusterId, Now: timeProvider.GetUtcNow()));

    /// <summary>Says that something has changed.</summary>
    public void Touch() => Interlocked.Increment(ref _version);

    public void OnClusterAdded(ClusterState cluster) => Configure(cluster);

    public void OnClusterChanged(ClusterState cluster)
    {
        if (_clusters.TryGetValue(cluster.ClusterId, out var servers))
        {
            foreach (var gone in servers.Keys.Where(id => !cluster.Destinations.ContainsKey(id)))
            {
                servers.TryRemove(gone, out _);
            }
        }

        Configure(cluster);
    }

    public void OnClusterRemoved(ClusterState cluster) => _clusters.TryRemove(cluster.ClusterId, out _);

    private ServerStatus Find(string clusterId, DestinationState destination) => _known.GetValue(destination, each => Get(clusterId, each.DestinationId));

    private void Configure(ClusterState cluster)
    {
        foreach (var destination in cluster.Destinations.Values)
        {
            Get(cluster, destination).Configure(ServerOptions.Of(cluster.Model.Config, destination.Model.Config));
        }
    }
}
