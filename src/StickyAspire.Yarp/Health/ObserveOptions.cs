using System.Runtime.CompilerServices;
using StickyAspire.Yarp.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace StickyAspire.Yarp.Health;

/// <summary>What a cluster's metadata says of observing its traffic.</summary>
/// <param name="Layer">What is observed. Default nothing.</param>
/// <param name="ErrorLimit">How many errors in a row are too many. Default 10.</param>
/// <param name="OnError">What happens then. Default <see cref="ObserveAction.FailCheck"/>.</param>
internal sealed record ObserveOptions(ObserveLayer Layer, int ErrorLimit, ObserveAction OnError)
{
    public const string LayerKey = "Observe.Layer";
    public const string ErrorLimitKey = "Observe.ErrorLimit";
    public const string OnErrorKey = "Observe.OnError";

    private static readonly ConditionalWeakTable<ClusterConfig, ObserveOptions> Cache = [];

    /// <summary>A cluster's options, read once for each of its configurations.</summary>
    public static ObserveOptions Of(ClusterConfig cluster) => Cache.GetValue(cluster, static each => Read(new MetadataReader(each.Metadata, each.ClusterId)));

    public static ObserveOptions Read(MetadataReader metadata) => new(
        metadata.ReadChoice(LayerKey, ObserveLayer.None), metadata.ReadInt32(ErrorLimitKey, 10, 1, 1_000_000), metadata.ReadChoice(OnErrorKey, ObserveAction.FailCheck));
}
