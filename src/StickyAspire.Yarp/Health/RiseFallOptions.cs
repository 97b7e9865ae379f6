using System.Runtime.CompilerServices;
using StickyAspire.Yarp.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace StickyAspire.Yarp.Health;

/// <summary>HAProxy's <c>rise</c> and <c>fall</c>, from a cluster's metadata.</summary>
/// <param name="Rise">How many checks in a row must pass before a server that is down is up again. Default 2.</param>
/// <param name="Fall">How many checks in a row must fail before a server that is up is down. Default 3.</param>
internal sealed record RiseFallOptions(int Rise, int Fall)
{
    public const string RiseKey = "RiseFall.Rise";
    public const string FallKey = "RiseFall.Fall";

    private const int Max = 1_000;

    private static readonly ConditionalWeakTable<ClusterConfig, RiseFallOptions> Cache = [];

    /// <summary>A cluster's options, read once for each of its configurations.</summary>
    public static RiseFallOptions Of(ClusterConfig cluster) => Cache.GetValue(cluster, static each => Read(new MetadataReader(each.Metadata, each.ClusterId)));

    public static RiseFallOptions Read(MetadataReader metadata) => new(metadata.ReadInt32(RiseKey, 2, 1, Max), metadata.ReadInt32(FallKey, 3, 1, Max));
}
