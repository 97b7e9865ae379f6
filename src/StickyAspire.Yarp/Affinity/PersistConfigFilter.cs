using Yarp.ReverseProxy.Configuration;

namespace StickyAspire.Yarp.Affinity;

/// <summary>Lets <c>Persist.OnFailure</c> decide where the configuration leaves YARP's default failure policy: naming one in YARP's word and the other in ours would be once too often.</summary>
internal sealed class PersistConfigFilter : IProxyConfigFilter
{
    private const string YarpsDefault = "Redistribute";

    public ValueTask<ClusterConfig> ConfigureClusterAsync(ClusterConfig cluster, CancellationToken cancel)
    {
        if (cluster.SessionAffinity is { Enabled: true, Policy: ServerIdSessionAffinityPolicy.PolicyName or StickSessionAffinityPolicy.PolicyName } affinity
            && (affinity.FailurePolicy is null or YarpsDefault || cluster.Metadata?.ContainsKey(PersistOptions.OnFailureKey) == true))
        {
            cluster = cluster with { SessionAffinity = affinity with { FailurePolicy = PersistAffinityFailurePolicy.PolicyName } };
        }

        return ValueTask.FromResult(cluster);
    }

    public ValueTask<RouteConfig> ConfigureRouteAsync(RouteConfig route, ClusterConfig? cluster, CancellationToken cancel) => ValueTask.FromResult(route);
}
