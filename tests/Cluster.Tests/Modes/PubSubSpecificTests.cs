using Cluster.Tests.Running;
using Cluster.Tests.Scenarios;

namespace Cluster.Tests.Modes;

public sealed class PubSubSpecificTests(PubSubSpecificTests.Fixture cluster) : ClusterScenarios<PubSubSpecificTests.Fixture>(cluster)
{
    public sealed class Fixture : ServerCluster
    {
        public override string Adapter => "pubsub-specific";
    }
}
