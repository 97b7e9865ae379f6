using Cluster.Tests.Running;
using Cluster.Tests.Scenarios;

namespace Cluster.Tests.Modes;

public sealed class PubSubTests(PubSubTests.Fixture cluster) : ClusterScenarios<PubSubTests.Fixture>(cluster)
{
    public sealed class Fixture : ServerCluster
    {
        public override string Adapter => "pubsub";
    }
}
