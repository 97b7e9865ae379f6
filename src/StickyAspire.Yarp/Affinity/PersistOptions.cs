using System.Runtime.CompilerServices;
using StickyAspire.Yarp.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace StickyAspire.Yarp.Affinity;

/// <summary>When a session stays with its server, and when not, from a cluster's metadata.</summary>
/// <param name="OnFailure">What happens when its server is down. Default Redispatch.</param>
/// <param name="WaitTimeout">How long <see cref="LostServerAction.Wait"/> waits. Default 10 s.</param>
/// <param name="Force">Requests that go to their server even if it is down (HAProxy's <c>force-persist</c>). Default none.</param>
/// <param name="Ignore">Requests that are balanced whatever server they name (HAProxy's <c>ignore-persist</c>). Default none.</param>
internal sealed record PersistOptions(LostServerAction OnFailure, TimeSpan WaitTimeout, RequestCondition? Force, RequestCondition? Ignore)
{
    public const string OnFailureKey = "Persist.OnFailure";
    public const string WaitTimeoutKey = "Persist.WaitTimeout";
    public const string ForceKey = "Persist.Force";
    public const string IgnoreKey = "Persist.Ignore";

    private static readonly ConditionalWeakTable<ClusterConfig, PersistOptions> Cache = [];

    /// <summary>A cluster's options, read once for each of its configurations.</summary>
    public static PersistOptions Of(ClusterConfig cluster) =>
        Cache.TryGetValue(cluster, out var options) ? options : Cache.GetValue(cluster, static each => Read(new MetadataReader(each.Metadata, each.ClusterId)));

    public static PersistOptions Read(MetadataReader metadata) => new(
        metadata.ReadChoice(OnFailureKey, LostServerAction.Redispatch),
        metadata.ReadTime(WaitTimeoutKey, TimeSpan.FromSeconds(10), TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(10)),
        ReadCondition(metadata, ForceKey),
        ReadCondition(metadata, IgnoreKey));

    private static RequestCondition? ReadCondition(MetadataReader metadata, string key)
    {
        if (metadata.ReadText(key) is not { } text)
        {
            return null;
        }

        if (!RequestCondition.TryParse(text, out var condition))
        {
            metadata.AddError(key, text, RequestCondition.Allowed);
        }

        return condition;
    }
}
