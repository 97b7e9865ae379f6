using StickyAspire.Yarp.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace StickyAspire.Yarp.Health;

internal sealed class RiseFallOptionsCheck : IClusterOptionsCheck
{
    public IEnumerable<string> Prefixes => ["RiseFall"];

    public void CheckCluster(ClusterConfig cluster, MetadataReader metadata) => RiseFallOptions.Read(metadata);
}
