using System.Net;
using Microsoft.Extensions.Time.Testing;
using Yarp.Tests.Environment;

namespace Yarp.Tests.Admission;

/// <summary>HAProxy's <c>maxqueue</c> and <c>timeout queue</c>.</summary>
public sealed class QueueTests : AdmissionTest
{
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

        // A timer that is made while this clock moves may miss the move.
        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromMilliseconds(50));
                return any.IsCompleted && own.IsCompleted;
            },
            "both have been answered");
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
}
