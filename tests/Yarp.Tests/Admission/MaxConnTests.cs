using System.Net.WebSockets;
using Yarp.Tests.Environment;

namespace Yarp.Tests.Admission;

/// <summary>HAProxy's <c>maxconn</c>.</summary>
public sealed class MaxConnTests : AdmissionTest
{
    [Fact]
    public async Task Maxconn_OfNewRequests_FillsAllServers_AndTheOthersTakeTheFirstFreeOne()
    {
        var gateway = await StartAsync("Admission.MaxConn=2");

        var requests = Enumerable.Range(0, 8).Select(_ => gateway.Client.SendAsync("/?hold")).ToList();
        await QueuedAsync(gateway, null, 2);
        await Eventually.TrueAsync(() => Upstreams.All(each => each.Current == 2), "all servers are full");

        S3.Release();
        await Eventually.TrueAsync(() => S3.Total == 3, "a waiting request has taken the slot of s3");
        await QueuedAsync(gateway, null, 1);
        S1.Release();
        await Eventually.TrueAsync(() => S1.Total == 3, "the other has taken that of s1");

        await FinishAsync(requests);
        Assert.All(Upstreams, each => Assert.Equal(2, each.Max));
        await UnusedAsync(gateway);
        Assert.Equal(2, Admission(gateway).Queue.MaxLength);
    }

    [Fact]
    public async Task Maxconn_OfASession_WaitsForItsOwnServer_WhileOthersAreIdle()
    {
        var gateway = await StartAsync("Admission.MaxConn=1");

        var first = gateway.Client.SendAsync("/?hold", "SERVERID=s2");
        await Eventually.TrueAsync(() => S2.Current == 1, "s2 has a request");
        var second = gateway.Client.SendAsync("/?n=2", "SERVERID=s2");
        await QueuedAsync(gateway, "s2", 1);
        var third = gateway.Client.SendAsync("/?sid=s2.abc");
        await QueuedAsync(gateway, "s2", 2);

        S2.Release();

        Assert.Equal(["s2", "s2", "s2"], (await Task.WhenAll(first, second, third)).Select(each => each.Server));
        Assert.Equal(1, S2.Max);
        Assert.Equal(0, S1.Total + S3.Total);
        Assert.Equal(2, Admission(gateway).Of(gateway.Cluster.Destinations["s2"]).Queue.MaxLength);
    }

    [Fact]
    public async Task Maxconn_ServesBothQueuesInTheOrderOfArrival()
    {
        var gateway = await StartAsync(ClusterSettings.With("Admission.MaxConn=1"), upstreams: [S1]);
        var order = new List<int>();
        async Task RequestAsync(int number, string? cookie)
        {
            await gateway.Client.SendAsync("/?hold", cookie);
            lock (order)
            {
                order.Add(number);
            }
        }

        var requests = new List<Task> { RequestAsync(0, null) };
        await Eventually.TrueAsync(() => S1.Current == 1, "the first is there");
        for (var i = 1; i <= 4; i++)
        {
            var waiting = i;
            requests.Add(RequestAsync(i, i % 2 == 0 ? "SERVERID=s1" : null));
            await Eventually.TrueAsync(() => Admission(gateway).Of(gateway.Cluster.Destinations["s1"]).Queue.Length + Admission(gateway).Queue.Length == waiting, $"{waiting} wait");
        }

        for (var i = 0; i <= 4; i++)
        {
            var done = i;
            await Eventually.TrueAsync(() => S1.Total == done + 1 && S1.Current == 1, "the next is there");
            S1.Release();
            await Eventually.TrueAsync(() => order.Count == done + 1, "it is answered");
        }

        await Task.WhenAll(requests);
        Assert.Equal([0, 1, 2, 3, 4], order);
    }

    [Fact]
    public async Task Maxconn_CountsAWebSocketWhileItIsOpen()
    {
        var gateway = await StartAsync("Admission.MaxConn=1");
        var (socket, server) = await gateway.Client.ConnectAsync(cookie: "SERVERID=s2");
        Assert.Equal("s2", server);

        var waiting = gateway.Client.SendAsync(cookie: "SERVERID=s2");
        await QueuedAsync(gateway, "s2", 1);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);

        Assert.Equal("s2", (await waiting).Server);
        socket.Dispose();
        await UnusedAsync(gateway);
    }

    [Fact]
    public async Task Maxconn_OfOneServer_IsItsOwn()
    {
        var gateway = await StartAsync(new ClusterSettings { DestinationMetadata = new() { ["s1"] = new() { ["Admission.MaxConn"] = "1" } } });

        var requests = Enumerable.Range(0, 9).Select(_ => gateway.Client.SendAsync("/?hold")).ToList();
        await Eventually.TrueAsync(() => S1.Current + S2.Current + S3.Current == 9, "all are there");

        Assert.Equal(1, S1.Max);
        await FinishAsync(requests);
    }

    [Fact]
    public async Task Reloads_NeitherLoseNorLeakSlots()
    {
        var gateway = await StartAsync("Admission.MaxConn=2");
        var held = Enumerable.Range(0, 6).Select(_ => gateway.Client.SendAsync("/?hold")).ToList();
        await Eventually.TrueAsync(() => Upstreams.All(each => each.Current == 2), "all servers are busy");
        held.Add(gateway.Client.SendAsync("/?hold"));
        await QueuedAsync(gateway, null, 1);

        for (var i = 0; i < 20; i++)
        {
            await gateway.ReloadAsync(ClusterSettings.With("Admission.MaxConn=2", $"RiseFall.Fall={i + 1}"), Upstreams);
        }

        Assert.Equal(1, Admission(gateway).Queue.Length);
        Assert.All(gateway.Cluster.Destinations.Values, each => Assert.Equal(2, Admission(gateway).Of(each).Used));

        // A higher limit lets the one in that waits.
        await gateway.ReloadAsync(ClusterSettings.With("Admission.MaxConn=3"), Upstreams);
        await Eventually.TrueAsync(() => Upstreams.Sum(each => each.Current) == 7, "the waiting one is in");

        await FinishAsync(held);
        await UnusedAsync(gateway);
    }

    [Fact]
    public async Task Reload_ThatBringsALimit_CountsWhatWasThereBefore()
    {
        var gateway = await StartAsync(ClusterSettings.With(), upstreams: [S1]);
        var held = gateway.Client.SendAsync("/?hold");
        await Eventually.TrueAsync(() => S1.Current == 1, "the server has one");
        await gateway.ReloadAsync(ClusterSettings.With("Admission.MaxConn=1"), [S1]);

        var waiting = gateway.Client.SendAsync();
        await QueuedAsync(gateway, "s1", 1);
        S1.Release();

        Assert.Equal("s1", (await waiting).Server);
        Assert.Equal(1, S1.Max);
        await held;
    }

    [Fact]
    public async Task Limits_WithoutThePipeline_AreRefusedAtStart()
    {
        var exception = await Assert.ThrowsAnyAsync<Exception>(() => Gateway.StartAsync(ClusterSettings.With("Admission.MaxConn=5"), Upstreams, hasPipeline: false));

        Assert.Contains(
            "Metadata Admission.MaxConn is \"5\": allowed is none unless the proxy has our pipeline: app.MapReverseProxy(proxy => proxy.UseStickySessions()).",
            exception.ToString(),
            StringComparison.Ordinal);

        await using var gateway = await Gateway.StartAsync(ClusterSettings.With(), Upstreams, hasPipeline: false);
        Assert.Equal("s2", (await gateway.Client.SendAsync(cookie: "SERVERID=s2")).Server);
    }
}
