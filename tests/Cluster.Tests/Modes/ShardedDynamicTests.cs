using Cluster.Tests.Running;
using Cluster.Tests.Scenarios;

namespace Cluster.Tests.Modes;

public sealed class ShardedDynamicTests(ShardedDynamicTests.Servers cluster) : ClusterScenarios<ShardedDynamicTests.Servers>(cluster)
{
    public sealed class Servers : ServerCluster
    {
        public override string Adapter => "sharded-dynamic";
    }
}
