using System.Runtime.CompilerServices;
using StickyAspire.Yarp.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace StickyAspire.Yarp.LoadBalancing;

/// <summary>What a cluster's metadata says of balancing.</summary>
/// <param name="AllBackups">Whether all backup servers are used where no other is available, rather than the first alone (HAProxy's <c>option allbackups</c>). Default false.</param>
internal sealed record BalanceOptions(bool AllBackups)
{
    public const string AllBackupsKey = "Balance.AllBackups";

    private static readonly ConditionalWeakTable<ClusterConfig, BalanceOptions> Cache = [];

    /// <summary>A cluster's options, read once for each of its configurations.</summary>
    public static BalanceOptions Of(ClusterConfig cluster) => Cache.GetValue(cluster, static each => Read(new MetadataReader(each.Metadata, each.ClusterId)));

    public static BalanceOptions Read(MetadataReader metadata) => new(metadata.ReadSwitch(AllBackupsKey, false));
}
