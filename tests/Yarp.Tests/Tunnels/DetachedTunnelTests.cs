using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using StickyAspire.Yarp.Model;
using StickyAspire.Yarp.Sessions;
using StickyAspire.Yarp.Stats.Counting;
using Yarp.ReverseProxy.Forwarder;
using Yarp.Tests.Tunnels.Running;

namespace Yarp.Tests.Tunnels;

/// <summary>Tunnels whose requests have ended: nothing of the request stays, and what was held for it is held for the tunnel.</summary>
public sealed class DetachedTunnelTests
{
    private static readonly byte[] Hello = [0x82, 0x82, 0, 0, 0, 0, (byte)'h', (byte)'i'];

    [Fact]
    public async Task Request_EndsAtTheUpgrade_AndItsMemoryIsFreed()
    {
        var requests = new Requests();
        using var server = new RawServer();
        await using var gateway = await Gateway.StartAsync([server.Url], services: services => services.AddSingleton<IStartupFilter>(requests));
        var (client, connection) = await server.OpenAsync(gateway);
        using var _ = client;
        using var __ = connection;

        await Eventually.TrueAsync(() => requests.Ended == 1, "the request has ended");
        await Eventually.TrueAsync(() => requests.AreCollected, "Kestrel's request is collected");
        await PassesAsync(client, connection);
        Assert.Equal(1, gateway.Active);
    }

    [Theory]
    [InlineData("PowerOfTwoChoices", "true")]
    [InlineData("LeastConnections", "false")]
    public async Task Request_StaysForItsTunnel_WhereBalancingCountsRequests_OrTheConfigurationSaysSo(string policy, string detach)
    {
        var requests = new Requests();
        using var server = new RawServer();
        await using var gateway = await Gateway.StartAsync(
            [server.Url], new() { ["Tunnel.Detach"] = detach }, services => services.AddSingleton<IStartupFilter>(requests), cluster => cluster with { LoadBalancingPolicy = policy });
        var (client, connection) = await server.OpenAsync(gateway);
        using var _ = client;
        await PassesAsync(client, connection);

        Assert.Equal((0, 1), (requests.Ended, gateway.Server("s1").ConcurrentRequestCount));
        Assert.False(requests.AreCollected);
        connection.Dispose();
        await Eventually.TrueAsync(() => requests.Ended == 1, "the request ends with the tunnel");
    }

    [Fact]
    public async Task Frames_ThatCameWithTheRequest_AreNotLost()
    {
        using var server = new RawServer();
        await using var gateway = await Gateway.StartAsync([server.Url]);
        using var client = await RawConnection.ConnectAsync(gateway.Port);
        await client.SendAsync(
            "GET / HTTP/1.1\r\nHost: gateway\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
            + System.Text.Encoding.Latin1.GetString(Hello));
        using var connection = await server.AcceptAsync();
        await connection.ReceiveHeadAsync();
        await connection.SendAsync(RawConnection.Accepted);

        Assert.Equal(Hello, await connection.ReceiveAsync(Hello.Length));
    }

    [Fact]
    public async Task Tunnel_IsLoadAndSession_UntilItEnds()
    {
        using var server = new RawServer();
        await using var gateway = await Gateway.StartAsync([server.Url], proxy: proxy => proxy.AddStats());
        var status = gateway.Services.GetRequiredService<ServerRegistry>().Get(gateway.Cluster, gateway.Server("s1"));
        var collector = gateway.Services.GetRequiredService<StatsCollector>();
        var cluster = collector.Cluster(Gateway.ClusterId);
        SessionCounters[] counters = [collector.Requests, cluster, cluster.Server("s1"), collector.Connections];
        var (client, connection) = await server.OpenAsync(gateway);
        using var _ = connection;

        await Eventually.TrueAsync(() => gateway.Server("s1").ConcurrentRequestCount == 0, "YARP has done with the request");
        await Eventually.TrueAsync(() => status.GetLoad(gateway.Server("s1")) == 1, "the tunnel is load");
        await Eventually.TrueAsync(() => collector.Connections.Current == 1, "Kestrel has done with the connection");
        await PassesAsync(client, connection);
        Assert.Equal((1, 1L), (status.CurrentSessions, status.TotalSessions));
        Assert.All(counters, each => Assert.Equal((1, 1, 1), (each.Current, each.Max, each.Total)));

        client.Dispose();

        await Eventually.TrueAsync(() => status.CurrentSessions == 0 && counters.All(each => each.Current == 0), "all have let go");
        Assert.Equal(0, status.GetLoad(gateway.Server("s1")));
        Assert.All(counters, each => Assert.Equal((0, 1, 1), (each.Current, each.Max, each.Total)));
    }

    [Fact]
    public async Task ServerThatBreaksOff_IsBlamed()
    {
        using var server = new RawServer();
        await using var gateway = await Gateway.StartAsync([server.Url], proxy: proxy => proxy.AddStats());
        var status = gateway.Services.GetRequiredService<ServerRegistry>().Get(gateway.Cluster, gateway.Server("s1"));
        var counters = gateway.Services.GetRequiredService<StatsCollector>().Cluster(Gateway.ClusterId).Server("s1");
        var (client, connection) = await server.OpenAsync(gateway);
        using var _ = client;
        await PassesAsync(client, connection);

        connection.Reset();

        await Eventually.TrueAsync(() => status.CurrentSessions == 0 && counters.Current == 0, "the tunnel has ended");
        Assert.Equal((1L, 1L), (status.ResponseErrors, counters.ServerAborts));
    }

    [Fact]
    public async Task Slot_IsHeldUntilTheTunnelEnds()
    {
        using var server = new RawServer();
        await using var gateway = await Gateway.StartAsync([server.Url], new() { ["Admission.MaxConn"] = "1" });
        for (var i = 0; i < 3; i++)
        {
            var (client, connection) = await server.OpenAsync(gateway);
            await Eventually.TrueAsync(() => gateway.Server("s1").ConcurrentRequestCount == 0, "YARP has done with the request");
            using var waiting = await RawConnection.AskAsync(gateway.Port);
            await PassesAsync(client, connection);
            Assert.Equal(0, waiting.Socket.Available);

            client.Dispose();
            connection.Dispose();

            using var next = await server.AcceptAsync();
            await next.ReceiveHeadAsync();
            await next.SendAsync(RawConnection.Accepted);
            Assert.StartsWith("HTTP/1.1 101 ", await waiting.ReceiveHeadAsync());
        }
    }

    [Fact]
    public void Lease_GivesBackInTheOrderOfHandingOver_AndWhatComesLateAtOnce()
    {
        var released = new List<string>();
        var lease = new SessionLease();
        lease.Add(new Hold("first", released));
        lease.Add(new Hold("second", released));
        Assert.Empty(released);

        lease.End(ForwarderError.UpgradeResponseDestination, null);
        lease.Add(new Hold("late", released));

        Assert.Equal(["first UpgradeResponseDestination", "second UpgradeResponseDestination", "late UpgradeResponseDestination"], released);
    }

    private static async Task PassesAsync(RawConnection client, RawConnection connection)
    {
        for (var i = 0; i < 10; i++)
        {
            await client.SendAsync(Hello);
            Assert.Equal(Hello, await connection.ReceiveAsync(Hello.Length));
            await connection.SendAsync(Hello);
            Assert.Equal(Hello, await client.ReceiveAsync(Hello.Length));
        }
    }

    private sealed class Hold(string name, List<string> released) : SessionHold
    {
        public override void Release(ForwarderError error, Exception? exception) => released.Add($"{name} {error}");
    }

    /// <summary>The gateway's requests, and whether what Kestrel has of them is still in memory.</summary>
    private sealed class Requests : IStartupFilter
    {
        private readonly List<WeakReference> _features = [];
        private int _ended;

        public int Ended => Volatile.Read(ref _ended);

        public bool AreCollected
        {
            get
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return _features.TrueForAll(feature => !feature.IsAlive);
            }
        }

        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use(async (context, proceed) =>
            {
                Watch(context);
                await proceed();
                Interlocked.Increment(ref _ended);
            });
            next(app);
        };

        /// <summary>Kestrel's upgrade feature is its whole request, with headers, features and body.</summary>
        [MethodImpl(MethodImplOptions.NoInlining)]
        private void Watch(HttpContext context) => _features.Add(new WeakReference(context.Features.GetRequiredFeature<IHttpUpgradeFeature>()));
    }
}
