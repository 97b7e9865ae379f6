using StickyAspire.Yarp.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace StickyAspire.Yarp.Health;

internal sealed class HealthOptionsCheck : IClusterOptionsCheck
{
    public IEnumerable<string> Prefixes => ["Check", "Observe"];

    public void CheckCluster(ClusterConfig cluster, MetadataReader metadata)
    {
        CheckOptions.Check(metadata);
        ObserveOptions.Read(metadata);
    }

    public void CheckDestination(string destinationId, DestinationConfig destination, MetadataReader metadata) => CheckOptions.Check(metadata);
}
