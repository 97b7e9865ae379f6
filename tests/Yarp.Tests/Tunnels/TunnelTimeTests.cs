using System.Net.WebSockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;
using Yarp.Tests.Tunnels.Running;

namespace Yarp.Tests.Tunnels;

/// <summary>Tunnels' own times, by a clock of the test's.</summary>
public sealed class TunnelTimeTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task IdleTunnel_ClosesAfterItsOwnTimeout_AndOneInUseDoesNot()
    {
        var time = new FakeTimeProvider();
        await using var server = await WebServer.StartAsync(WebServer.EchoAsync);
        await using var gateway = await Gateway.StartAsync(
            [server.Url], new() { ["Tunnel.IdleTimeout"] = "10m" }, services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(time)));
        using var busy = new ClientWebSocket();
        using var idle = new ClientWebSocket();
        await busy.ConnectAsync(gateway.WebSocketUrl, Cancellation);
        await idle.ConnectAsync(gateway.WebSocketUrl, Cancellation);
        await Eventually.TrueAsync(() => gateway.Active == 2, "both are open");

        for (var i = 0; i < 2; i++)
        {
            // In steps, since a sweep takes the moment it runs at for the moment of what passed.
            await TunnelEndTests.EchoAsync(busy);
            time.Advance(TimeSpan.FromSeconds(2));
            time.Advance(TimeSpan.FromMinutes(9));
        }

        await TunnelEndTests.AssertClosedAsync(idle, 1001);
        await Eventually.TrueAsync(() => gateway.Active == 1, "the idle one has ended");
        await TunnelEndTests.EchoAsync(busy);
        busy.Abort();
    }
}
