using System.Runtime.CompilerServices;
using StickyAspire.Yarp.Diagnostics;
using StickyAspire.Yarp.Membership;
using StickyAspire.Yarp.Model;
using Yarp.ReverseProxy.Model;

namespace StickyAspire.Yarp.Admission;

/// <summary>Finds each cluster's <see cref="ClusterAdmission"/>, which outlives configuration reloads as YARP's own cluster and destination states do. The stats page reads its queues here.</summary>
internal sealed class AdmissionRegistry
{
    private readonly ConditionalWeakTable<ClusterState, ClusterAdmission> _clusters = [];
    private readonly ConditionalWeakTable<ClusterState, ClusterAdmission>.CreateValueCallback _create;

    public AdmissionRegistry(ServerRegistry servers, StickyMetrics metrics, DestinationsWatch watch, TimeProvider timeProvider)
    {
        ArgumentNullException.ThrowIfNull(watch);
        _create = cluster => new ClusterAdmission(cluster, servers, metrics, timeProvider);
        watch.Changed += cluster =>
        {
            if (_clusters.TryGetValue(cluster, out var admission))
            {
                admission.OnDestinationsChanged();
            }
        };
    }

    public ClusterAdmission Get(ClusterState cluster) => _clusters.TryGetValue(cluster, out var admission) ? admission : _clusters.GetValue(cluster, _create);
}
