using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using StickyAspire.Yarp.Configuration;
using StickyAspire.Yarp.LoadBalancing;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.LoadBalancing;

namespace StickyAspire.Yarp.Tunnels;

/// <summary>How a cluster's WebSockets are tunnelled, from its metadata. A tunnel keeps the options it was opened with.</summary>
/// <param name="Enabled">False leaves WebSockets to YARP's own forwarder, for clusters whose HTTP client is customised in code. Default true.</param>
/// <param name="Detach">
/// Whether a WebSocket's request ends when the WebSocket is open, which spares its memory. Default true, where the balancing policy is one of ours, or one that asks for no counts: YARP's others count requests. False
/// is for middlewares in the proxy's pipeline that hold on to something until the session ends.
/// </param>
/// <param name="IdleTimeout">HAProxy's <c>timeout tunnel</c>: how long both directions may be silent. Default 1 hour, much longer than any heartbeat.</param>
/// <param name="CloseTimeout">How long the end may take once it has begun: the answer to a close frame, or the other half of a half-closed tunnel. Default 5 seconds.</param>
/// <param name="ConnectTimeout">HAProxy's <c>timeout connect</c>. Default 15 seconds, as YARP's HTTP client has it.</param>
/// <param name="Trunks">
/// How many connections the gateway keeps to each server for all WebSockets and requests together, 1 to 64; with 0 each WebSocket has one of its own. For servers that take them: replicas with <c>Replica:Trunks</c>. A server that does
/// not is asked again once a minute, and gets connections as ever. Default 0.
/// </param>
internal sealed record TunnelOptions(bool Enabled, bool Detach, TimeSpan IdleTimeout, TimeSpan CloseTimeout, TimeSpan ConnectTimeout, int Trunks)
{
    public const string Prefix = "Tunnel";
    public const string EnabledKey = "Tunnel.Enabled";
    public const string DetachKey = "Tunnel.Detach";
    public const string IdleTimeoutKey = "Tunnel.IdleTimeout";
    public const string CloseTimeoutKey = "Tunnel.CloseTimeout";
    public const string ConnectTimeoutKey = "Tunnel.ConnectTimeout";

    public const string TrunksKey = "Tunnel.Trunks";
    public const int MaxTrunks = 64;

    public static readonly TimeSpan DefaultCloseTimeout = TimeSpan.FromSeconds(5);

    private static readonly FrozenSet<string> PoliciesThatSeeTunnels = FrozenSet.ToFrozenSet(
        [
            LeastConnectionsLoadBalancingPolicy.PolicyName, WeightedRoundRobinLoadBalancingPolicy.PolicyName, ConsistentHashLoadBalancingPolicy.PolicyName, SourceLoadBalancingPolicy.PolicyName,
            FirstLoadBalancingPolicy.PolicyName, RandomTwoLoadBalancingPolicy.PolicyName, LoadBalancingPolicies.RoundRobin, LoadBalancingPolicies.Random, LoadBalancingPolicies.FirstAlphabetical,
        ],
        StringComparer.OrdinalIgnoreCase);

    private static readonly ConditionalWeakTable<ClusterConfig, TunnelOptions> Cache = [];

    /// <summary>A cluster's options, read once for each of its configurations.</summary>
    public static TunnelOptions Of(ClusterConfig cluster) => Cache.GetValue(cluster, static each =>
    {
        var options = Read(new MetadataReader(each.Metadata, each.ClusterId));
        return options with { Detach = options.Detach && each.LoadBalancingPolicy is { } policy && PoliciesThatSeeTunnels.Contains(policy) };
    });

    public static TunnelOptions Read(MetadataReader metadata) => new(
        metadata.ReadSwitch(EnabledKey, true),
        metadata.ReadSwitch(DetachKey, true),
        metadata.ReadTime(IdleTimeoutKey, TimeSpan.FromHours(1), TimeSpan.FromSeconds(1), TimeSpan.FromDays(7)),
        metadata.ReadTime(CloseTimeoutKey, DefaultCloseTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1)),
        metadata.ReadTime(ConnectTimeoutKey, TimeSpan.FromSeconds(15), TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5)),
        metadata.ReadInt32(TrunksKey, 0, 0, MaxTrunks));
}
