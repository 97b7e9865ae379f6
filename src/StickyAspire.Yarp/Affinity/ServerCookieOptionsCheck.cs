using StickyAspire.Yarp.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace StickyAspire.Yarp.Affinity;

internal sealed class ServerCookieOptionsCheck : IClusterOptionsCheck
{
    private const string AllowedValue = "1 to 64 letters, digits, '-', '_', '.', ':' or '/', since it travels in a cookie";

    public IEnumerable<string> Prefixes => ["Cookie"];

    public void CheckCluster(ClusterConfig cluster, MetadataReader metadata)
    {
        ServerCookieOptions.Read(metadata);
        if (cluster.SessionAffinity is { Enabled: true, Policy: ServerIdSessionAffinityPolicy.PolicyName })
        {
            foreach (var id in cluster.Destinations?.Keys ?? [])
            {
                if (!IsCookieValue(id) && cluster.Destinations![id].Metadata?.ContainsKey(ServerCookieOptions.ValueKey) != true)
                {
                    metadata.AddError($"{ServerCookieOptions.ValueKey} of destination '{id}', which defaults to its id,", id, AllowedValue);
                }
            }
        }
    }

    public void CheckDestination(string destinationId, DestinationConfig destination, MetadataReader metadata)
    {
        if (metadata.ReadText(ServerCookieOptions.ValueKey) is { } value && !IsCookieValue(value))
        {
            metadata.AddError(ServerCookieOptions.ValueKey, value, AllowedValue);
        }
    }

    private static bool IsCookieValue(string text) => text.Length is > 0 and <= 64 && text.All(each => char.IsAsciiLetterOrDigit(each) || each is '-' or '_' or '.' or ':' or '/');
}
