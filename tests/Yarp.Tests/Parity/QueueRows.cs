using Yarp.Tests.Environment;

namespace Yarp.Tests.Parity;

/// <summary>Full servers.</summary>
internal static class QueueRows
{
    public static IEnumerable<Row> All =>
    [
        new("maxconn: a session waits for its own server, others take a free one", async run =>
        {
            var first = run.Balancer.Client.SendAsync("/?hold", "SERVERID=s2");
            await Eventually.TrueAsync(() => run.S2.Current == 1, "s2 is busy");
            var own = run.Balancer.Client.SendAsync(cookie: "SERVERID=s2");
            await run.QueuedAsync("s2", 1);
            var other = await run.Balancer.Client.SendAsync();
            run.Note($"another server: {other.Server != "s2"}");
            run.S2.Release();
            run.Note(Scenario.Describe(await first));
            run.Note(Scenario.Describe(await own));
            run.Note($"at most {run.S2.Max}");
        })
        {
            Server = "maxconn 1",
            Ours = ["Admission.MaxConn=1"],
        },
        new("maxconn: with all servers full, the first that becomes free serves who came first", async run =>
        {
            var held = Enumerable.Range(0, 3).Select(_ => run.Balancer.Client.SendAsync("/?hold")).ToList();
            await Eventually.TrueAsync(() => run.Servers.All(each => each.Current == 1), "all are busy");
            var one = run.Balancer.Client.SendAsync("/?n=1");
            await run.QueuedAsync(null, 1);
            var two = run.Balancer.Client.SendAsync("/?n=2");
            await run.QueuedAsync(null, 2);
            run.S3.Release();
            run.Note($"{(await one).Server} {(await two).Server}");
            await PersistRows.FinishAsync(run, held);
            run.Note(string.Join('/', run.Servers.Select(each => each.Max)));
        })
        {
            Server = "maxconn 1",
            Ours = ["Admission.MaxConn=1"],
        },
        new("timeout queue", async run =>
        {
            var held = run.Balancer.Client.SendAsync("/?hold", "SERVERID=s2");
            await Eventually.TrueAsync(() => run.S2.Current == 1, "s2 is busy");
            var late = await run.SendAsync(cookie: "SERVERID=s2");
            run.Note($"come again: {late.RetryAfter is >= 1 and <= 5}");
            await PersistRows.FinishAsync(run, [held]);
        })
        {
            HAProxy = "cookie SERVERID insert indirect nocache\ntimeout queue 200ms\nno option redispatch",
            Server = "maxconn 1",
            Ours = ["Admission.MaxConn=1", "Queue.Timeout=200ms"],
            Difference = (
                "Ours has no Cache-Control: no-cache, but a Retry-After.",
                "GET / [SERVERID=s2]  -> 503  set=[] seen=[] cache=[no-cache]\ncome again: False",
                "GET / [SERVERID=s2]  -> 503  set=[] seen=[] cache=[]\ncome again: True"),
        },
        new("maxqueue: a session whose server's queue is full goes elsewhere", async run =>
        {
            var held = run.Balancer.Client.SendAsync("/?hold", "SERVERID=s2");
            await Eventually.TrueAsync(() => run.S2.Current == 1, "s2 is busy");
            var own = run.Balancer.Client.SendAsync(cookie: "SERVERID=s2");
            await run.QueuedAsync("s2", 1);
            var moved = await run.SendBalancedAsync(cookie: "SERVERID=s2");
            run.Note($"another: {moved.Server != "s2"}; named: {moved.CookieValue() == moved.Server}");
            await PersistRows.FinishAsync(run, [held, own]);
        })
        {
            Server = "maxconn 1 maxqueue 1",
            Ours = ["Admission.MaxConn=1", "Queue.MaxLength=1"],
        },
        new("queue of a server that goes down", async run =>
        {
            var held = run.Balancer.Client.SendAsync("/?hold", "SERVERID=s2");
            await Eventually.TrueAsync(() => run.S2.Current == 1, "s2 is busy");
            var own = run.Balancer.Client.SendAsync(cookie: "SERVERID=s2");
            await run.QueuedAsync("s2", 1);
            run.S2.CheckStatus = 503;
            var moved = await own;
            run.Note($"another: {moved.Server != "s2"}; named: {moved.CookieValue() == moved.Server}");
            await PersistRows.FinishAsync(run, [held]);
        })
        {
            Server = "maxconn 1",
            Ours = ["Admission.MaxConn=1"],
        },
        new("queue: a client that leaves", async run =>
        {
            var held = run.Balancer.Client.SendAsync("/?hold", "SERVERID=s2");
            await Eventually.TrueAsync(() => run.S2.Current == 1, "s2 is busy");
            using var leave = new CancellationTokenSource();
            var own = run.Balancer.Client.SendUntilAsync(leave.Token, cookie: "SERVERID=s2");
            await run.QueuedAsync("s2", 1);
            await leave.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => own);
            await run.QueuedAsync("s2", 0);
            await PersistRows.FinishAsync(run, [held]);
            run.Note($"s2 got {run.S2.Total}");
        })
        {
            // HAProxy notices a client that leaves while it waits only if it is told to.
            HAProxy = "cookie SERVERID insert indirect nocache\noption abortonclose",
            Server = "maxconn 1",
            Ours = ["Admission.MaxConn=1"],
        },
        new("a WebSocket fills a slot while it is open", async run =>
        {
            var (socket, server) = await run.Balancer.Client.ConnectAsync(cookie: "SERVERID=s2");
            run.Note(server);
            var own = run.Balancer.Client.SendAsync(cookie: "SERVERID=s2");
            await run.QueuedAsync("s2", 1);
            await socket.CloseAsync(System.Net.WebSockets.WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);
            socket.Dispose();
            run.Note(Scenario.Describe(await own));
        })
        {
            Server = "maxconn 1",
            Ours = ["Admission.MaxConn=1"],
        },
    ];
}
