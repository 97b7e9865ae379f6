using System.Runtime.CompilerServices;
using StickyAspire.Yarp.Model;
using Yarp.ReverseProxy.Model;

namespace StickyAspire.Yarp.LoadBalancing;

/// <summary>HAProxy's <c>balance source</c> with <c>hash-type consistent</c>: by the client's address; <c>Hash.BalanceFactor</c> applies.</summary>
internal sealed class SourceLoadBalancingPolicy(ServerRegistry registry, TimeProvider timeProvider) : ConsistentHashLoadBalancingPolicy(registry, timeProvider)
{
    public new const string PolicyName = "Source";

    private readonly ConditionalWeakTable<HashOptions, HashOptions> _options = [];

    public override string Name => PolicyName;

    protected override HashOptions GetOptions(ClusterState cluster) =>
        _options.GetValue(base.GetOptions(cluster), static each => each with { On = HashSource.Source, Name = "" });
}
