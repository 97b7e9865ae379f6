using StickyAspire.Yarp.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace StickyAspire.Yarp.LoadBalancing;

internal sealed class BalanceOptionsCheck : IClusterOptionsCheck
{
    public IEnumerable<string> Prefixes => ["Balance", "Hash"];

    public void CheckCluster(ClusterConfig cluster, MetadataReader metadata)
    {
        BalanceOptions.Read(metadata);
        HashOptions.Read(metadata);
    }
}
