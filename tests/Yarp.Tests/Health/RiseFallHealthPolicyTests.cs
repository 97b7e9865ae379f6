using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using StickyAspire.Yarp.Configuration;
using StickyAspire.Yarp.Health;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace Yarp.Tests.Health;

public sealed class RiseFallHealthPolicyTests
{
    private readonly DestinationState _server = new("s1");

    [Theory]
    [InlineData("+", "U")]
    [InlineData("-", "D")]
    [InlineData("+---", "UUUD")]
    [InlineData("+--+--", "UUUUUU")]
    [InlineData("+---++", "UUUDDU")]
    [InlineData("+---+-+-++", "UUUDDDDDDU")]
    public void Checks_InARow_DecideByRiseAndFall(string checks, string states)
    {
        var policy = new RiseFallHealthPolicy(new Updater(), NullLogger<RiseFallHealthPolicy>.Instance);
        var cluster = Cluster(rise: "2", fall: "3");

        var seen = checks.Select(check =>
        {
            using var response = new HttpResponseMessage(check == '+' ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable);
            policy.ProbingCompleted(cluster, [new DestinationProbingResult(_server, response, null)]);
            return _server.Health.Active == DestinationHealth.Healthy ? 'U' : 'D';
        });

        Assert.Equal(states, string.Concat(seen));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1001")]
    [InlineData("two")]
    [InlineData("")]
    public async Task Metadata_ThatIsWrong_IsRefusedByName(string value)
    {
        var config = new ClusterConfig { ClusterId = "websockets", Metadata = new Dictionary<string, string> { ["RiseFall.Fall"] = value } };

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await new StickySessionsConfigFilter([new RiseFallOptionsCheck()]).ConfigureClusterAsync(config, TestContext.Current.CancellationToken));

        Assert.Equal($"Cluster 'websockets': Metadata RiseFall.Fall is \"{value}\": allowed is a whole number from 1 to 1000.", exception.Message);
    }

    private static ClusterState Cluster(string rise, string fall)
    {
        var metadata = new Dictionary<string, string> { ["RiseFall.Rise"] = rise, ["RiseFall.Fall"] = fall };
        return new ClusterState("websockets", new ClusterModel(
            new ClusterConfig { ClusterId = "websockets", Metadata = metadata }, new HttpMessageInvoker(new SocketsHttpHandler())));
    }

    /// <summary>YARP's own updater, without the rest of YARP.</summary>
    private sealed class Updater : IDestinationHealthUpdater
    {
        public void SetActive(ClusterState cluster, IEnumerable<NewActiveDestinationHealth> newHealthStates)
        {
            foreach (var each in newHealthStates)
            {
                each.Destination.Health.Active = each.NewActiveHealth;
            }
        }

        public void SetPassive(ClusterState cluster, DestinationState destination, DestinationHealth newHealth, TimeSpan reactivationPeriod) =>
            destination.Health.Passive = newHealth;
    }
}
