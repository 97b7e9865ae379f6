using Cluster.Tests.Running;
using Cluster.Tests.Scenarios;

namespace Cluster.Tests.Modes;

public sealed class StreamsTests(StreamsTests.Servers cluster) : ClusterScenarios<StreamsTests.Servers>(cluster)
{
    public sealed class Servers : ServerCluster
    {
        public override string Adapter => "streams";
    }
}
