using Cluster.Tests.Running;
using Cluster.Tests.Scenarios;

namespace Cluster.Tests.Modes;

public sealed class ShardedStaticTests(ShardedStaticTests.Servers cluster) : ClusterScenarios<ShardedStaticTests.Servers>(cluster)
{
    public sealed class Servers : ServerCluster
    {
        public override string Adapter => "sharded-static";
    }
}
