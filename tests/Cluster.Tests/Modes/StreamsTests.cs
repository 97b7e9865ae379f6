using Cluster.Tests.Running;
using Cluster.Tests.Scenarios;

namespace Cluster.Tests.Modes;

public sealed class StreamsTests(StreamsTests.Fixture cluster) : ClusterScenarios<StreamsTests.Fixture>(cluster)
{
    public sealed class Fixture : ServerCluster
    {
        public override string Adapter => "streams";
    }
}
