using Cluster.Tests.Running;
using Cluster.Tests.Scenarios;

namespace Cluster.Tests.Modes;

public sealed class ShardedDynamicPrivateTests(ShardedDynamicPrivateTests.Servers cluster) : ClusterScenarios<ShardedDynamicPrivateTests.Servers>(cluster)
{
    public sealed class Servers : ServerCluster
    {
        public override string Adapter => "sharded-dynamic-private";
    }
}
