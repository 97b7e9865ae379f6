using Yarp.ReverseProxy.Model;
using Yarp.Tests.Tunnels.Running;

namespace Yarp.Tests.Tunnels;

/// <summary>Servers that cannot be reached at all.</summary>
public sealed class DeadServerTests
{
    [Fact]
    public async Task DeadServer_Is502_AndLeavesTheRotation()
    {
        string deadUrl;
        using (var dead = new RawServer())
        {
            deadUrl = dead.Url;
        }

        await using var gateway = await Gateway.StartAsync([deadUrl]);
        using var client = await RawConnection.AskAsync(gateway.Port);

        Assert.StartsWith("HTTP/1.1 502 ", await client.ReceiveHeadAsync(), StringComparison.Ordinal);
        await Eventually.TrueAsync(() => gateway.Server("s1").Health.Passive == DestinationHealth.Unhealthy, "the server is known to be down");
    }
}
