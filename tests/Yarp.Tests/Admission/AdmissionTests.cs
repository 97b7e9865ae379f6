using System.Net;
using System.Net.WebSockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using StickyAspire.Yarp.Admission;
using Yarp.Tests.Environment;

namespace Yarp.Tests.Admission;

/// <summary>HAProxy's <c>maxconn</c>, <c>maxqueue</c> and <c>timeout queue</c>, and handshake rates.</summary>
public sealed class AdmissionTests : GatewayTest
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
    public async Task TimeoutQueue_Answers503_WithAMomentToComeAgain()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50));
        var gateway = await StartAsync(ClusterSettings.With("Admission.MaxConn=1", "Queue.Timeout=3s", "Admission.RetryAfter=4s"), time);
        var held = Enumerable.Range(0, 3).Select(_ => gateway.Client.SendAsync("/?hold")).ToList();
        await Eventually.TrueAsync(() => Upstreams.All(each => each.Current == 1), "all servers are busy");

        var any = gateway.Client.SendAsync();
        var own = gateway.Client.SendAsync(cookie: "SERVERID=s2");
        await QueuedAsync(gateway, null, 1);
        await QueuedAsync(gateway, "s2", 1);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.False(any.IsCompleted || own.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));

        foreach (var answer in await Task.WhenAll(any, own))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status);
            Assert.InRange(answer.RetryAfter!.Value, 1, 4);
            Assert.Empty(answer.SetCookies);
        }

        Assert.Equal(1, Admission(gateway).Queue.Timeouts);
        Assert.Equal(1, Admission(gateway).Of(gateway.Cluster.Destinations["s2"]).Queue.Timeouts);
        await FinishAsync(held);
    }

    [Fact]
    public async Task Queue_IsLeft_WhenTheClientLeaves()
    {
        var gateway = await StartAsync(ClusterSettings.With("Admission.MaxConn=1"), upstreams: [S1]);
        var held = gateway.Client.SendAsync("/?hold");
        await Eventually.TrueAsync(() => S1.Current == 1, "the server is busy");
        using var leave = new CancellationTokenSource();
        var waiting = gateway.Client.SendUntilAsync(leave.Token);
        await QueuedAsync(gateway, "s1", 1);

        await leave.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await QueuedAsync(gateway, "s1", 0);
        await FinishAsync([held]);
        Assert.Equal(1, S1.Total);
    }

    [Fact]
    public async Task Maxqueue_Full_RedispatchesASession()
    {
        var gateway = await StartAsync("Admission.MaxConn=1", "Queue.MaxLength=1");
        var held = gateway.Client.SendAsync("/?hold", "SERVERID=s2");
        await Eventually.TrueAsync(() => S2.Current == 1, "s2 is busy");
        var waiting = gateway.Client.SendAsync(cookie: "SERVERID=s2");
        await QueuedAsync(gateway, "s2", 1);

        var moved = await gateway.Client.SendAsync(cookie: "SERVERID=s2");

        Assert.NotEqual("s2", moved.Server);
        Assert.Equal(moved.Server, moved.CookieValue());
        await FinishAsync([held, waiting]);
    }

    [Fact]
    public async Task Maxqueue_Full_Answers503_WherePersistenceIsStronger_OrAllAreFull()
    {
        var gateway = await StartAsync("Admission.MaxConn=1", "Queue.MaxLength=0", "Persist.OnFailure=Status503");
        var held = new List<Task<Answer>> { gateway.Client.SendAsync("/?hold", "SERVERID=s2") };
        await Eventually.TrueAsync(() => S2.Current == 1, "s2 is busy");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await gateway.Client.SendAsync(cookie: "SERVERID=s2")).Status);

        held.Add(gateway.Client.SendAsync("/?hold"));
        held.Add(gateway.Client.SendAsync("/?hold"));
        await Eventually.TrueAsync(() => Upstreams.All(each => each.Current == 1), "all servers are busy");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await gateway.Client.SendAsync()).Status);
        await FinishAsync(held);
    }

    [Fact]
    public async Task Queue_OfAServerThatGoesDown_IsRedispatched()
    {
        var gateway = await StartAsync("Admission.MaxConn=1");
        var held = gateway.Client.SendAsync("/?hold", "SERVERID=s2");
        await Eventually.TrueAsync(() => S2.Current == 1, "s2 is busy");
        var waiting = gateway.Client.SendAsync(cookie: "SERVERID=s2");
        await QueuedAsync(gateway, "s2", 1);

        await gateway.MarkAsync("s2", isUp: false);

        var moved = await waiting;
        Assert.NotEqual("s2", moved.Server);
        Assert.Equal(moved.Server, moved.CookieValue());
        await FinishAsync([held]);
    }

    [Fact]
    public async Task Queue_IsServedByAServerThatComesUp()
    {
        var gateway = await StartAsync("Admission.MaxConn=1");
        await gateway.MarkAsync("s3", isUp: false);
        var held = new List<Task<Answer>> { gateway.Client.SendAsync("/?hold"), gateway.Client.SendAsync("/?hold") };
        await Eventually.TrueAsync(() => S1.Current + S2.Current == 2, "both are busy");
        var waiting = gateway.Client.SendAsync();
        await QueuedAsync(gateway, null, 1);

        await gateway.MarkAsync("s3", isUp: true);

        Assert.Equal("s3", (await waiting).Server);
        await FinishAsync(held);
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
    public async Task HandshakeRate_OfServers_Answers503WithRetryAfter_AndSessionsGoOn()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50));
        var gateway = await StartAsync(ClusterSettings.With("Admission.HandshakeRate=2"), time);

        var answers = new List<Answer>();
        for (var i = 0; i < 10; i++)
        {
            answers.Add(await gateway.Client.SendAsync());
        }

        Assert.Equal(6, answers.Count(each => each.Status == HttpStatusCode.OK));
        Assert.Equal([2, 2, 2], Upstreams.Select(each => each.Total));
        Assert.All(answers.Where(each => each.Status != HttpStatusCode.OK), each => Assert.InRange(each.RetryAfter!.Value, 1, 5));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await gateway.Client.SendAsync(cookie: "SERVERID=s1")).Status);
        Assert.Equal("s1", (await gateway.Client.SendAsync("/?sid=s1.abc")).Server);

        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("s1", (await gateway.Client.SendAsync(cookie: "SERVERID=s1")).Server);
    }

    [Fact]
    public async Task ClientHandshakeRate_StopsOneAddress_AndSessionsGoOn()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50));
        var gateway = await StartAsync(ClusterSettings.With("Admission.ClientHandshakeRate=3"), time);

        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 5; i++)
        {
            statuses.Add((await gateway.Client.SendAsync()).Status);
        }

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable, HttpStatusCode.ServiceUnavailable], statuses);
        Assert.Equal("s2", (await gateway.Client.SendAsync("/?sid=s2.abc")).Server);

        time.Advance(TimeSpan.FromMilliseconds(334));
        Assert.Equal(HttpStatusCode.OK, (await gateway.Client.SendAsync()).Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await gateway.Client.SendAsync()).Status);
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

    private static ClusterAdmission Admission(Gateway gateway) => gateway.Services.GetRequiredService<AdmissionRegistry>().Get(gateway.Cluster);

    private static Task QueuedAsync(Gateway gateway, string? server, int count)
    {
        var queue = server is null ? Admission(gateway).Queue : Admission(gateway).Of(gateway.Cluster.Destinations[server]).Queue;
        return Eventually.TrueAsync(() => queue.Length == count, $"{count} wait for {server ?? "any server"}");
    }

    private static Task UnusedAsync(Gateway gateway) =>
        Eventually.TrueAsync(() => gateway.Cluster.Destinations.Values.All(each => Admission(gateway).Of(each).Used == 0), "all slots are given back");

    /// <summary>Lets everything go that is held, until all is answered.</summary>
    private async Task FinishAsync(IReadOnlyCollection<Task<Answer>> requests)
    {
        var all = Task.WhenAll(requests);
        await Eventually.TrueAsync(
            () =>
            {
                foreach (var upstream in Upstreams)
                {
                    upstream.ReleaseAll();
                }

                return all.IsCompleted;
            },
            "all requests are answered");
        Assert.All(await all, each => Assert.Equal(HttpStatusCode.OK, each.Status));
    }
}
