using StickyAspire.Yarp.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace StickyAspire.Yarp.Affinity;

internal sealed class StickOptionsCheck : IClusterOptionsCheck
{
    public IEnumerable<string> Prefixes => ["Stick"];

    public void CheckCluster(ClusterConfig cluster, MetadataReader metadata) => StickOptions.Read(metadata);
}
