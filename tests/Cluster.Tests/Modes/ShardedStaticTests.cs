using Cluster.Tests.Running;
using Cluster.Tests.Scenarios;

namespace Cluster.Tests.Modes;

public sealed class ShardedStaticTests(ShardedStaticTests.Fixture cluster) : ClusterScenarios<ShardedStaticTests.Fixture>(cluster)
{
    public sealed class Fixture : ServerCluster
    {
        public override string Adapter => "sharded-static";
    }
}
