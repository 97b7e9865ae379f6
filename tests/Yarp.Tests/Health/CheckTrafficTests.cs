using System.Net;
using System.Net.WebSockets;
using Microsoft.Extensions.DependencyInjection;
using StickyAspire.Yarp.Model;
using Yarp.ReverseProxy.Configuration;
using Yarp.Tests.Environment;

namespace Yarp.Tests.Health;

/// <summary>Checks and observed traffic over real connections.</summary>
public sealed class CheckTrafficTests : GatewayTest
{
    [Fact]
    public async Task Check_OfAServerThatStopsAndComesBack_IsNoticed()
    {
        var gateway = await StartAsync(Checked(("Check.Fall", "2"), ("Check.Rise", "1")));
        await IsAsync(gateway, "s1", OperationalState.Up);

        await S1.StopAsync();
        await IsAsync(gateway, "s1", OperationalState.Down);
        Assert.Equal("L4CON", Status(gateway, "s1").LastCheck!.Reason);
        Assert.DoesNotContain(gateway.Cluster.DestinationsState.AvailableDestinations, each => each.DestinationId == "s1");

        await S1.StartAsync();
        await IsAsync(gateway, "s1", OperationalState.Up);
        Assert.Contains(gateway.Cluster.DestinationsState.AvailableDestinations, each => each.DestinationId == "s1");
    }

    [Fact]
    public async Task AgentCheck_EveryGatewayLearnsStateAndTotalLoad()
    {
        var one = await StartAsync(Checked());
        var other = await StartAsync(Checked());

        S1.State = "drain; sessions=512; weight=50; maxconn=1024";

        foreach (var gateway in (Gateway[])[one, other])
        {
            await Eventually.TrueAsync(() => Status(gateway, "s1") is { Administrative: AdministrativeState.Drain, ReportedSessions: 512, WeightPercent: 50, MaxConn: 1024 }, "the gateway knows");
            for (var i = 0; i < 10; i++)
            {
                Assert.NotEqual("s1", (await gateway.Client.SendAsync()).Server);
            }

            Assert.Equal("s1", (await gateway.Client.SendAsync(cookie: "SERVERID=s1")).Server);
        }
    }

    [Fact]
    public async Task AgentCheck_Maint_RedispatchesWhatSticks_UntilReady()
    {
        var gateway = await StartAsync(Checked());
        S1.State = "maint";
        await Eventually.TrueAsync(() => Status(gateway, "s1").Administrative == AdministrativeState.Maint, "s1 is in maintenance");
        Assert.NotEqual("s1", (await gateway.Client.SendAsync(cookie: "SERVERID=s1")).Server);

        S1.State = "ready";
        await Eventually.TrueAsync(() => Status(gateway, "s1").Administrative == AdministrativeState.Ready, "s1 is ready");

        Assert.Equal("s1", (await gateway.Client.SendAsync(cookie: "SERVERID=s1")).Server);
    }

    [Fact]
    public async Task AgentCheck_SeveralGateways_SpreadTheirClientsAsOne()
    {
        // Each gateway alone would begin with s1; the servers tell each what they have from the others.
        var gateways = new List<Gateway>();
        for (var i = 0; i < 3; i++)
        {
            gateways.Add(await StartAsync(Checked()));
        }

        var sockets = new List<IDisposable>();
        for (var i = 0; i < 12; i++)
        {
            var gateway = gateways[i % 3];
            foreach (var upstream in Upstreams)
            {
                upstream.State = $"sessions={upstream.Current}";
            }

            var total = i;
            await Eventually.TrueAsync(() => Upstreams.Sum(upstream => Status(gateway, upstream.Id).ReportedSessions) == total, "the gateway knows all sessions");
            sockets.Add((await gateway.Client.ConnectAsync()).Socket);
        }

        Assert.Equal([4, 4, 4], Upstreams.Select(upstream => upstream.Current));
        sockets.ForEach(socket => socket.Dispose());
    }

    [Fact]
    public async Task Observe_Layer7_MarkDown_AfterTooManyBadAnswersInARow()
    {
        var gateway = await StartAsync(Checked(
            ("Observe.Layer", "Layer7"), ("Observe.ErrorLimit", "3"), ("Observe.OnError", "MarkDown"), ("Check.Inter", "1h"), ("Check.FastInter", "1h")));
        await IsAsync(gateway, "s1", OperationalState.Up);
        S1.Status = 500;
        await SendAsync(gateway, 2);
        S1.Status = 501;
        await SendAsync(gateway, 1);
        S1.Status = 500;
        await SendAsync(gateway, 2);
        Assert.Equal(OperationalState.Up, Status(gateway, "s1").Operational);

        await SendAsync(gateway, 1);

        await IsAsync(gateway, "s1", OperationalState.Down);
        Assert.NotEqual("s1", (await gateway.Client.SendAsync(cookie: "SERVERID=s1")).Server);
    }

    [Fact]
    public async Task Observe_FastInter_ChecksAtOnceWhatWouldHaveHadTime()
    {
        var gateway = await StartAsync(Checked(
            ("Observe.Layer", "Layer7"), ("Observe.ErrorLimit", "2"), ("Observe.OnError", "FastInter"), ("Check.Inter", "1h"), ("Check.FastInter", "20ms"), ("Check.Fall", "2")));
        await IsAsync(gateway, "s1", OperationalState.Up);
        S1.Status = S1.CheckStatus = 500;

        await SendAsync(gateway, 2);

        await IsAsync(gateway, "s1", OperationalState.Down);
    }

    [Fact]
    public async Task Observe_Layer4_TakesNoNoticeOfAnswers()
    {
        var gateway = await StartAsync(Checked(
            ("Observe.Layer", "Layer4"), ("Observe.ErrorLimit", "1"), ("Observe.OnError", "MarkDown"), ("Check.Inter", "1h"), ("Check.FastInter", "1h")));
        await IsAsync(gateway, "s1", OperationalState.Up);
        S1.Status = 500;
        await SendAsync(gateway, 5);
        Assert.Equal(OperationalState.Up, Status(gateway, "s1").Operational);

        await S1.StopAsync();
        await SendAsync(gateway, 1);

        await IsAsync(gateway, "s1", OperationalState.Down);
    }

    [Fact]
    public async Task OnMarkedDown_ShutdownSessions_EndsAHungServersPollsAndWebSockets()
    {
        var gateway = await StartAsync(Checked(("Check.Fall", "1"), ("Check.OnMarkedDown", "ShutdownSessions")));
        await IsAsync(gateway, "s2", OperationalState.Up);
        var poll = gateway.Client.SendAsync("/?hold", cookie: "SERVERID=s2");
        var other = gateway.Client.SendAsync("/?hold", cookie: "SERVERID=s1");
        var (socket, _) = await gateway.Client.ConnectAsync(cookie: "SERVERID=s2");
        await Eventually.TrueAsync(() => S2.Current == 2 && S1.Current == 1, "the sessions have begun");

        S2.CheckStatus = 500;

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await poll).Status);
        var result = await socket.ReceiveAsync(new byte[64], TestContext.Current.CancellationToken);
        Assert.Equal((WebSocketMessageType.Close, (WebSocketCloseStatus?)WebSocketCloseStatus.EndpointUnavailable), (result.MessageType, result.CloseStatus));
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);
        socket.Dispose();

        // Those of others go on, and so do new ones once it is up again.
        Assert.False(other.IsCompleted);
        S2.CheckStatus = 200;
        await IsAsync(gateway, "s2", OperationalState.Up);
        Assert.Equal("s2", (await gateway.Client.SendAsync(cookie: "SERVERID=s2")).Server);
        S1.ReleaseAll();
        Assert.Equal("s1", (await other).Server);
    }

    [Fact]
    public async Task OnMarkedDown_Unset_ABusyServersSessionsGoOn()
    {
        var gateway = await StartAsync(Checked(("Check.Fall", "1")));
        await IsAsync(gateway, "s2", OperationalState.Up);
        var poll = gateway.Client.SendAsync("/?hold", cookie: "SERVERID=s2");
        await Eventually.TrueAsync(() => S2.Current == 1, "the session has begun");
        S2.CheckStatus = 500;
        await IsAsync(gateway, "s2", OperationalState.Down);

        S2.Release();

        Assert.Equal("s2", (await poll).Server);
    }

    /// <summary>Active checks every 20 ms, and no passive ones.</summary>
    private static ClusterSettings Checked(params (string Key, string Value)[] metadata) => new()
    {
        Metadata = new Dictionary<string, string> { ["Check.Inter"] = "20ms" }.Concat(metadata.ToDictionary(each => each.Key, each => each.Value))
            .GroupBy(each => each.Key).ToDictionary(each => each.Key, each => each.Last().Value),
        HealthCheck = new HealthCheckConfig { Active = new ActiveHealthCheckConfig { Enabled = true, Policy = "RiseFall", Path = "/alive", Timeout = TimeSpan.FromSeconds(5) } },
    };

    private static ServerStatus Status(Gateway gateway, string server) => gateway.Services.GetRequiredService<ServerRegistry>().Get(ClusterSettings.ClusterId, server);

    private static Task IsAsync(Gateway gateway, string server, OperationalState state) =>
        Eventually.TrueAsync(() => Status(gateway, server).Operational == state, $"{server} is {state}");

    private static async Task SendAsync(Gateway gateway, int times)
    {
        for (var i = 0; i < times; i++)
        {
            await gateway.Client.SendAsync(cookie: "SERVERID=s1");
        }
    }
}
