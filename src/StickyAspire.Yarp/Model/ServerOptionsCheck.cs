using StickyAspire.Yarp.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace StickyAspire.Yarp.Model;

internal sealed class ServerOptionsCheck : IClusterOptionsCheck
{
    public IEnumerable<string> Prefixes => ["Server"];

    public void CheckCluster(ClusterConfig cluster, MetadataReader metadata) => ServerOptions.Read(metadata, ServerOptions.Default);

    public void CheckDestination(string destinationId, DestinationConfig destination, MetadataReader metadata) => ServerOptions.Read(metadata, ServerOptions.Default);
}
