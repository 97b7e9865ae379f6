using StickyAspire.Yarp.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace StickyAspire.Yarp.Forwarding;

internal sealed class RetryOptionsCheck : IClusterOptionsCheck
{
    public IEnumerable<string> Prefixes => ["Retry"];

    public void CheckCluster(ClusterConfig cluster, MetadataReader metadata) => RetryOptions.Read(metadata);
}
