using Cluster.Tests.Running;
using Cluster.Tests.Scenarios;

namespace Cluster.Tests.Modes;

public sealed class ShardedDynamicPrivateTests(ShardedDynamicPrivateTests.Fixture cluster) : ClusterScenarios<ShardedDynamicPrivateTests.Fixture>(cluster)
{
    public sealed class Fixture : ServerCluster
    {
        public override string Adapter => "sharded-dynamic-private";
    }
}
