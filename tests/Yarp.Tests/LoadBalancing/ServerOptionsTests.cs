using StickyAspire.Yarp.Configuration;
using StickyAspire.Yarp.Model;
using Yarp.ReverseProxy.Configuration;

namespace Yarp.Tests.LoadBalancing;

public sealed class ServerOptionsTests
{
    [Fact]
    public void DefaultServer_StandsForWhatADestinationHasNot()
    {
        var cluster = new ClusterConfig { ClusterId = "c", Metadata = new Dictionary<string, string> { ["Server.Weight"] = "10", ["Server.SlowStart"] = "30s" } };
        var destination = new DestinationConfig { Address = "http://s1", Metadata = new Dictionary<string, string> { ["Server.Weight"] = "20", ["Server.Backup"] = "true", ["Admission.MaxConn"] = "1024" } };

        Assert.Equal(new ServerOptions(20, true, TimeSpan.FromSeconds(30), 1024), ServerOptions.Of(cluster, destination));
    }

    [Theory]
    [InlineData("Server.Weight", "257", "a whole number from 0 to 256")]
    [InlineData("Server.SlowStart", "soon", "a time from 0ms to 1d, such as 500ms, 2s, 1m or 00:00:02")]
    [InlineData("Admission.MaxConn", "-1", "a whole number from 0 to 1000000")]
    public async Task Metadata_ThatIsWrong_NamesTheDestination(string key, string value, string allowed)
    {
        var config = new ClusterConfig
        {
            ClusterId = "c",
            Destinations = new Dictionary<string, DestinationConfig> { ["s1"] = new() { Address = "http://s1", Metadata = new Dictionary<string, string> { [key] = value } } },
        };

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await new StickySessionsConfigFilter([new ServerOptionsCheck()]).ConfigureClusterAsync(config, TestContext.Current.CancellationToken));

        Assert.Equal($"Cluster 'c', destination 's1': Metadata {key} is \"{value}\": allowed is {allowed}.", exception.Message);
    }
}
