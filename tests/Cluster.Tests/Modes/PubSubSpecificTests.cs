using Cluster.Tests.Running;
using Cluster.Tests.Scenarios;

namespace Cluster.Tests.Modes;

public sealed class PubSubSpecificTests(PubSubSpecificTests.Servers cluster) : ClusterScenarios<PubSubSpecificTests.Servers>(cluster)
{
    public sealed class Servers : ServerCluster
    {
        public override string Adapter => "pubsub-specific";
    }
}
