using StickyAspire.Yarp.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace StickyAspire.Yarp.Affinity;

internal sealed class PersistOptionsCheck : IClusterOptionsCheck
{
    public IEnumerable<string> Prefixes => ["Persist"];

    public void CheckCluster(ClusterConfig cluster, MetadataReader metadata) => PersistOptions.Read(metadata);
}
