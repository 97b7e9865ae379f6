using System.Runtime.CompilerServices;
using StickyAspire.Yarp.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace StickyAspire.Yarp.Forwarding;

/// <summary>What a cluster's metadata says of trying again.</summary>
/// <param name="On">What is tried again. Default <see cref="RetryCondition.ConnFailure"/>.</param>
/// <param name="Count">How often, at most (HAProxy's <c>retries</c>). Default 3, HAProxy's.</param>
internal sealed record RetryOptions(RetryCondition On, int Count)
{
    public const string OnKey = "Retry.On";
    public const string CountKey = "Retry.Count";

    private static readonly ConditionalWeakTable<ClusterConfig, RetryOptions> Cache = [];

    /// <summary>A cluster's options, read once for each of its configurations.</summary>
    public static RetryOptions Of(ClusterConfig cluster) => Cache.GetValue(cluster, static each => Read(new MetadataReader(each.Metadata, each.ClusterId)));

    public static RetryOptions Read(MetadataReader metadata) =>
        new(ReadOn(metadata), metadata.ReadInt32(CountKey, 3, 0, 100));

    private static RetryCondition ReadOn(MetadataReader metadata) => metadata.ReadText(OnKey) switch
    {
        // HAProxy's own spelling too.
        "conn-failure" => RetryCondition.ConnFailure,
        _ => metadata.ReadChoice(OnKey, RetryCondition.ConnFailure),
    };
}
