using Cluster.Tests.Running;
using Cluster.Tests.Scenarios;

namespace Cluster.Tests.Modes;

public sealed class PubSubTests(PubSubTests.Servers cluster) : ClusterScenarios<PubSubTests.Servers>(cluster)
{
    public sealed class Servers : ServerCluster
    {
        public override string Adapter => "pubsub";
    }
}
