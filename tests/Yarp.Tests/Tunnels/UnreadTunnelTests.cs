using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;
using Yarp.Tests.Tunnels.Running;

namespace Yarp.Tests.Tunnels;

/// <summary>Clients that leave unread what a server sent that is gone. By a clock of the test's.</summary>
public class UnreadTunnelTests
{
    private protected virtual bool ByTrunk => false;

    [Fact]
    public async Task ServerGone_ClientThatReadsNothing_IsCutOff_ThoughItGoesOnSending()
    {
        var time = new FakeTimeProvider();
        using var server = new RawServer();
        await using var gateway = await Gateway.StartAsync([server.Url], services: services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(time)), byTrunk: ByTrunk);
        var (client, connection) = await server.OpenAsync(gateway);
        using var _ = client;

        await FillAsync(connection);
        if (ByTrunk)
        {
            gateway.Relays[0].CutTrunks();
        }
        else
        {
            connection.Reset();
        }

        var gone = time.GetUtcNow();
        var word = FrameTrackerTests.Frame(0x1, 1, masked: true);
        await Eventually.TrueAsync(
            () =>
            {
                client.Socket.Send(word, SocketFlags.None, out SocketError _);
                time.Advance(TimeSpan.FromSeconds(1));
                return gateway.Active == 0;
            },
            "the tunnel has ended");
        Assert.InRange(time.GetUtcNow() - gone, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(30));
    }

    /// <summary>Sends until all buffers on the way are full.</summary>
    private static Task FillAsync(RawConnection connection)
    {
        var data = new byte[64 * 1024];
        var unchanged = 0;
        connection.Socket.Blocking = false;
        return Eventually.TrueAsync(
            () =>
            {
                unchanged++;
                while (connection.Socket.Send(data, SocketFlags.None, out SocketError error) > 0 && error == SocketError.Success)
                {
                    unchanged = 0;
                }

                return unchanged == 100;
            },
            "nothing passes any more");
    }
}

/// <summary>The same by trunks.</summary>
public sealed class UnreadTunnelTestsByTrunk : UnreadTunnelTests
{
    private protected override bool ByTrunk => true;
}
