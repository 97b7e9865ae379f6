using StickyAspire.Yarp.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace StickyAspire.Yarp.Tunnels;

internal sealed class TunnelOptionsCheck : IClusterOptionsCheck
{
    public IEnumerable<string> Prefixes => [TunnelOptions.Prefix];

    public void CheckCluster(ClusterConfig cluster, MetadataReader metadata) => TunnelOptions.Read(metadata);
}
