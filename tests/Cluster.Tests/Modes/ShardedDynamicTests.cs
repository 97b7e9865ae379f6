using Cluster.Tests.Running;
using Cluster.Tests.Scenarios;

namespace Cluster.Tests.Modes;

public sealed class ShardedDynamicTests(ShardedDynamicTests.Fixture cluster) : ClusterScenarios<ShardedDynamicTests.Fixture>(cluster)
{
    public sealed class Fixture : ServerCluster
    {
        public override string Adapter => "sharded-dynamic";
    }
}
