using System.Net;
using System.Net.WebSockets;
using Microsoft.Extensions.DependencyInjection;
using StickyAspire.Yarp.Stats.Rows;
using Yarp.Tests.Environment;

namespace Yarp.Tests.Stats;

/// <summary>HAProxy's columns, by real requests to real servers.</summary>
public sealed class StatsCountingTests : GatewayTest
{
    [Fact]
    public async Task ScurSmaxStot_RequestsInProgress_AreCountedForServerAndCluster()
    {
        var gateway = await StartCountingAsync();
        var held = Enumerable.Range(0, 3).Select(_ => gateway.Client.SendAsync("/?hold", "SERVERID=s1")).ToList();
        await Eventually.TrueAsync(() => S1.Current == 3, "three requests are held");

        Assert.Equal((3, 3, 3), Numbers(gateway, "s1", StatsField.Scur, StatsField.Smax, StatsField.Stot));
        Assert.Equal((3, 3, 3), Numbers(gateway, "BACKEND", StatsField.Scur, StatsField.Smax, StatsField.Stot));
        Assert.Equal((0, 0, 0), Numbers(gateway, "s2", StatsField.Scur, StatsField.Smax, StatsField.Stot));

        S1.ReleaseAll();
        await Task.WhenAll(held);
        await Eventually.TrueAsync(() => Number(gateway, "s1", StatsField.Scur) == 0, "none is in progress");
        Assert.Equal((0, 3, 3), Numbers(gateway, "BACKEND", StatsField.Scur, StatsField.Smax, StatsField.Stot));
        Assert.Equal((3, 0), (Number(gateway, "s1", StatsField.Hrsp2xx), Number(gateway, "s1", StatsField.Lastsess)));
        Assert.Equal(-1, Number(gateway, "s2", StatsField.Lastsess));
        Assert.True(Number(gateway, "FRONTEND", StatsField.Smax) >= 3);
    }

    [Fact]
    public async Task Lbtot_SessionsThatStick_AreNotAmongThem()
    {
        var gateway = await StartCountingAsync();
        for (var i = 0; i < 3; i++)
        {
            await gateway.Client.SendAsync();
            await gateway.Client.SendAsync("/", "SERVERID=s2");
        }

        Assert.Equal((3, 6), (Number(gateway, "BACKEND", StatsField.Lbtot), Number(gateway, "BACKEND", StatsField.Stot)));
        Assert.Equal(1, Number(gateway, "s1", StatsField.Lbtot));
    }

    [Fact]
    public async Task BinBout_BodiesInBothDirections_AreCountedAsTheyAre()
    {
        var gateway = await StartCountingAsync();
        using var http = new HttpClient();
        using var body = new StreamContent(new MemoryStream(new byte[70_000]));
        using var answer = await http.PostAsync(new Uri($"http://127.0.0.1:{gateway.Port}/?echo"), body, TestContext.Current.CancellationToken);
        var server = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        await Eventually.TrueAsync(() => Number(gateway, "BACKEND", StatsField.Scur) == 0, "it has ended");
        foreach (var row in (string[])[server, "BACKEND", "FRONTEND"])
        {
            Assert.Equal((70_000, 2), (Number(gateway, row, StatsField.Bin), Number(gateway, row, StatsField.Bout)));
        }
    }

    [Fact]
    public async Task Hrsp_EachStatus_IsCountedInItsClass()
    {
        var gateway = await StartCountingAsync();
        foreach (var status in (int[])[200, 204, 302, 404, 404, 500, 599])
        {
            S1.Status = status;
            await gateway.Client.SendAsync("/", "SERVERID=s1");
        }

        foreach (var row in (string[])["s1", "BACKEND", "FRONTEND"])
        {
            Assert.Equal((2, 1, 2), Numbers(gateway, row, StatsField.Hrsp2xx, StatsField.Hrsp3xx, StatsField.Hrsp4xx));
            Assert.Equal((2, 7), (Number(gateway, row, StatsField.Hrsp5xx), Number(gateway, row, StatsField.ReqTot)));
        }
    }

    [Fact]
    public async Task EconWretrWredis_AServerThatIsNotThere_ItsFailuresAreItsOwn()
    {
        var gateway = await StartCountingAsync(ClusterSettings.With() with { LoadBalancing = "First" });
        await S1.StopAsync();
        var answer = await gateway.Client.SendAsync();

        Assert.Equal((HttpStatusCode.OK, "s2"), (answer.Status, answer.Server));
        Assert.Equal((1, 1, 1), Numbers(gateway, "s1", StatsField.Econ, StatsField.Wretr, StatsField.Wredis));
        Assert.Equal((0, 0, 0), Numbers(gateway, "s2", StatsField.Econ, StatsField.Wretr, StatsField.Wredis));
        Assert.Equal((0, 1), (Number(gateway, "s1", StatsField.Hrsp5xx), Number(gateway, "s2", StatsField.Hrsp2xx)));
        Assert.Equal((1, 1), (Number(gateway, "BACKEND", StatsField.Stot), Number(gateway, "BACKEND", StatsField.Hrsp2xx)));
    }

    [Fact]
    public async Task Econ_NoServerAtAll_IsTheClusters()
    {
        // YARP's default would try all servers rather than none.
        var settings = ClusterSettings.With();
        var gateway = await StartCountingAsync(settings with { HealthCheck = settings.HealthCheck with { AvailableDestinationsPolicy = "HealthyAndUnknown" } });
        foreach (var server in (string[])["s1", "s2", "s3"])
        {
            await gateway.MarkAsync(server, false);
        }

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await gateway.Client.SendAsync()).Status);
        Assert.Equal((1, 1), (Number(gateway, "BACKEND", StatsField.Econ), Number(gateway, "BACKEND", StatsField.Hrsp5xx)));
        Assert.Equal(("DOWN", "DOWN"), (Text(gateway, "BACKEND", StatsField.Status), Text(gateway, "s1", StatsField.Status)));
        Assert.Equal((0, 0), (Number(gateway, "BACKEND", StatsField.Act), Number(gateway, "BACKEND", StatsField.Weight)));
    }

    [Fact]
    public async Task CliAbrt_AClientThatLeaves_IsTold()
    {
        var gateway = await StartCountingAsync();
        using var leave = new CancellationTokenSource();
        var request = gateway.Client.SendUntilAsync(leave.Token, "/?hold", "SERVERID=s1");
        await Eventually.TrueAsync(() => S1.Current == 1, "the request is held");
        await leave.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        await Eventually.TrueAsync(() => Number(gateway, "s1", StatsField.CliAbrt) == 1, "the client's leaving is counted");
        Assert.Equal((1, 0, 0), Numbers(gateway, "BACKEND", StatsField.CliAbrt, StatsField.Econ, StatsField.Scur));
    }

    [Fact]
    public async Task Qcur_RequestsThatWait_AreInTheQueue()
    {
        var gateway = await StartCountingAsync(ClusterSettings.With("Admission.MaxConn=1"));
        var first = gateway.Client.SendAsync("/?hold", "SERVERID=s1");
        await Eventually.TrueAsync(() => S1.Current == 1, "the slot is taken");
        var second = gateway.Client.SendAsync("/", "SERVERID=s1");
        await Eventually.TrueAsync(() => Number(gateway, "s1", StatsField.Qcur) == 1, "one waits");

        Assert.Equal((1, 1, 1), Numbers(gateway, "s1", StatsField.Scur, StatsField.Slim, StatsField.Qmax));
        Assert.Equal((2, 1, 1), Numbers(gateway, "BACKEND", StatsField.Scur, StatsField.Qcur, StatsField.Qmax));
        Assert.True(Number(gateway, "s1", StatsField.Qlimit) > 0);
        S1.ReleaseAll();
        await Task.WhenAll(first, second);
        Assert.Equal((0, 1), (Number(gateway, "s1", StatsField.Qcur), Number(gateway, "s1", StatsField.Qmax)));
        Assert.True(Number(gateway, "s1", StatsField.QtimeMax) > 0);
    }

    [Fact]
    public async Task WebSocket_WhileItIsOpen_ItsSessionAnswerAndBytesAreSeen()
    {
        var gateway = await StartCountingAsync();
        var (socket, server) = await gateway.Client.ConnectAsync();
        using (socket)
        {
            await socket.SendAsync(new byte[500], WebSocketMessageType.Binary, true, TestContext.Current.CancellationToken);
            await socket.ReceiveAsync(new byte[1_024], TestContext.Current.CancellationToken);
            await Eventually.TrueAsync(() => Number(gateway, server, StatsField.Bout) > 500 && Number(gateway, server, StatsField.Bin) > 500, "its bytes are counted");

            foreach (var row in (string[])[server, "BACKEND"])
            {
                Assert.Equal((1, 1, 1), Numbers(gateway, row, StatsField.Scur, StatsField.Stot, StatsField.Hrsp1xx));
            }

            Assert.True(Number(gateway, "FRONTEND", StatsField.Bin) > 500);
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);
        }

        await Eventually.TrueAsync(() => Number(gateway, server, StatsField.Scur) == 0, "it has ended");
        Assert.Equal((1, 1), (Number(gateway, server, StatsField.Hrsp1xx), Number(gateway, "BACKEND", StatsField.Hrsp1xx)));
    }

    [Fact]
    public async Task Connect_RequestsOnOneConnection_AreReuse()
    {
        var gateway = await StartCountingAsync();
        for (var i = 0; i < 5; i++)
        {
            await gateway.Client.SendAsync("/", "SERVERID=s3");
        }

        Assert.Equal((1, 4), (Number(gateway, "s3", StatsField.Connect), Number(gateway, "s3", StatsField.Reuse)));
        Assert.Equal((1, 4), (Number(gateway, "BACKEND", StatsField.Connect), Number(gateway, "BACKEND", StatsField.Reuse)));
    }

    [Fact]
    public async Task Reload_AnotherConfiguration_GoesOnCounting()
    {
        var gateway = await StartCountingAsync();
        await gateway.Client.SendAsync("/", "SERVERID=s1");
        await gateway.Client.SendAsync("/", "SERVERID=s2");
        await gateway.ReloadAsync(ClusterSettings.With("Admission.MaxConn=7"), [S1, S3]);
        await gateway.Client.SendAsync("/", "SERVERID=s1");

        Assert.Equal((2, 7), (Number(gateway, "s1", StatsField.Stot), Number(gateway, "s1", StatsField.Slim)));
        Assert.Equal(3, Number(gateway, "BACKEND", StatsField.Stot));
        Assert.DoesNotContain(Rows(gateway), row => row.Name == "s2");

        await gateway.ReloadAsync(ClusterSettings.With("Admission.MaxConn=8"), Upstreams);
        Assert.Equal(1, Number(gateway, "s2", StatsField.Stot));
    }

    [Fact]
    public async Task Status_OfServers_InHAProxysWords()
    {
        var settings = ClusterSettings.With() with
        {
            DestinationMetadata = new()
            {
                ["s2"] = new() { ["Server.Weight"] = "0" },
                ["s3"] = new() { ["Server.Backup"] = "true", ["Server.Weight"] = "7" },
            },
        };
        var gateway = await StartCountingAsync(settings);

        Assert.Equal("no check", Text(gateway, "s1", StatsField.Status));
        Assert.Equal("DRAIN", Text(gateway, "s2", StatsField.Status));
        Assert.Equal((1, 0, 1), Numbers(gateway, "s1", StatsField.Act, StatsField.Bck, StatsField.Weight));
        Assert.Equal((0, 1, 7), Numbers(gateway, "s3", StatsField.Act, StatsField.Bck, StatsField.Weight));
        Assert.Equal("UP", Text(gateway, "BACKEND", StatsField.Status));
        Assert.Equal("LeastConnections", Text(gateway, "BACKEND", StatsField.Algo));
    }

    private Task<Gateway> StartCountingAsync(ClusterSettings? settings = null) => StartAsync(settings ?? ClusterSettings.With(), configure: proxy => proxy.AddStats());

    private static IReadOnlyList<StatsRow> Rows(Gateway gateway) => gateway.Services.GetRequiredService<SnapshotBuilder>().Build().Rows;

    private static StatsRow Row(Gateway gateway, string name) => Rows(gateway).Single(row => row.Name == name);

    private static long Number(Gateway gateway, string name, StatsField field) => Row(gateway, name).Number(field);

    private static string? Text(Gateway gateway, string name, StatsField field) => (string?)Row(gateway, name)[field];

    private static (long First, long Second, long Third) Numbers(Gateway gateway, string name, StatsField first, StatsField second, StatsField third)
    {
        var row = Row(gateway, name);
        return (row.Number(first), row.Number(second), row.Number(third));
    }
}
