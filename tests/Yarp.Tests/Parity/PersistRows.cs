using Yarp.Tests.Environment;

namespace Yarp.Tests.Parity;

/// <summary>Servers that go, requests that are to be persistent or not, keys that stick, and balancing.</summary>
internal static class PersistRows
{
    public static IEnumerable<Row> All =>
    [
        new("option redispatch: a server goes and comes back", async run =>
        {
            await run.SendAsync(cookie: "SERVERID=s2");
            await MarkAsync(run, run.S2, isUp: false);
            var moved = await run.SendBalancedAsync(cookie: "SERVERID=s2");
            run.Note($"not s2: {moved.Server != "s2"}; named: {moved.CookieValue() == moved.Server}");
            await run.SendAsync(cookie: "SERVERID=s1");
            await MarkAsync(run, run.S2, isUp: true);
            await run.SendAsync(cookie: "SERVERID=s2");
        }),
        new("all servers down", async run =>
        {
            foreach (var server in run.Servers)
            {
                await MarkAsync(run, server, isUp: false);
            }

            await run.SendBalancedAsync();
            await run.SendAsync(cookie: "SERVERID=s2");
        })
        {
            Difference = (
                "YARP's default policy HealthyOrPanic tries all servers where none is healthy; AvailableDestinationsPolicy HealthyAndUnknown does as HAProxy.",
                "GET / []  -> 503  set=[] seen=[] cache=[no-cache]\nGET / [SERVERID=s2]  -> 503  set=[] seen=[] cache=[no-cache]",
                "GET / []  -> 200 <server> set=[SERVERID=<server>; path=/] seen=[] cache=[]\nGET / [SERVERID=s2]  -> 200 s2 set=[] seen=[] cache=[]"),
        },
        new("force-persist", async run =>
        {
            await MarkAsync(run, run.S2, isUp: false);
            await run.SendAsync(cookie: "SERVERID=s2", headers: "X-Test: 1");
            await run.SendAsync("/admin/x", "SERVERID=s2");
            var moved = await run.SendBalancedAsync(cookie: "SERVERID=s2");
            run.Note($"not s2: {moved.Server != "s2"}");
        })
        {
            HAProxy = "cookie SERVERID insert indirect nocache\nforce-persist if { hdr(X-Test) -m found } or { path_beg /admin }",
            Ours = ["Persist.Force=Header:X-Test, Path:/admin"],
        },
        new("ignore-persist", async run =>
        {
            await run.SendAsync(cookie: "SERVERID=s2");
            await NoteSpreadAsync(run, 6, "/static/logo", "SERVERID=s2; a=1");
            await NoteSpreadAsync(run, 6, "/site.css", "SERVERID=s2");
            await run.SendBalancedAsync("/static/logo?set-cookie=SERVERID%3Dmine");
        })
        {
            HAProxy = "cookie SERVERID insert indirect nocache\nignore-persist if { path_beg /static } or { path_end .css }",
            Ours = ["Persist.Ignore=Path:/static, PathEnd:.css"],
        },
        new("stick on hdr, stick-table", async run =>
        {
            foreach (var user in new[] { "ann", "bob", "cid" })
            {
                var first = await run.SendBalancedAsync(headers: $"X-User: {user}");
                var again = await run.SendBalancedAsync(headers: $"X-User: {user}");
                run.Note($"stays: {first.Server == again.Server}");
            }

            var server = (await run.Balancer.Client.SendAsync(headers: "X-User: ann")).Server;
            var upstream = run.Servers.Single(each => each.Id == server);
            await MarkAsync(run, upstream, isUp: false);
            var moved = await run.SendBalancedAsync(headers: "X-User: ann");
            await MarkAsync(run, upstream, isUp: true);
            var after = await run.SendBalancedAsync(headers: "X-User: ann");
            run.Note($"moved: {moved.Server != server}; stays there: {after.Server == moved.Server}");
        })
        {
            HAProxy = "stick-table type string len 64 size 100k expire 30m\nstick on hdr(X-User)",
            HasCookieNames = false,
            Policy = "Stick",
            Ours = ["Stick.On=Header:X-User", "Stick.Method=Table", "Stick.Table.Size=100k", "Stick.Table.Expire=30m"],
        },
        new("stick store-response: the application's cookie", async run =>
        {
            for (var session = 0; session < 4; session++)
            {
                var login = await run.SendBalancedAsync($"/?set-cookie=JSESSIONID%3D{session}");
                var again = await run.SendBalancedAsync(cookie: $"JSESSIONID={session}");
                run.Note($"stays: {login.Server == again.Server}");
            }

            await NoteSpreadAsync(run, 6);
        })
        {
            HAProxy = "stick-table type string len 64 size 100k expire 30m\nstick match req.cook(JSESSIONID)\nstick store-response res.cook(JSESSIONID)",
            HasCookieNames = false,
            Policy = "Stick",
            CookieName = "JSESSIONID",
            Ours = ["Stick.On=AppCookie:JSESSIONID"],
        },
        new("balance leastconn: one after another, and held", async run =>
        {
            await NoteSpreadAsync(run, 12);
            var held = Enumerable.Range(0, 9).Select(_ => run.Balancer.Client.SendAsync("/?hold")).ToList();
            await Eventually.TrueAsync(() => run.Servers.Sum(each => each.Current) == 9, "all are held");
            run.Note(string.Join('/', run.Servers.Select(each => each.Current)));
            await FinishAsync(run, held);
        }),
        new("weight 0: sessions stay, no new ones", async run =>
        {
            await run.SendAsync(cookie: "SERVERID=s2");
            await NoteSpreadAsync(run, 8);
        })
        {
            ServerOf = new() { ["s2"] = "weight 0" },
            OursOf = new() { ["s2"] = new() { ["Server.Weight"] = "0" } },
        },
        new("backup: used only where no other is", async run =>
        {
            await NoteSpreadAsync(run, 8);
            await MarkAsync(run, run.S1, isUp: false);
            await MarkAsync(run, run.S2, isUp: false);
            await NoteSpreadAsync(run, 4);
            await run.SendAsync(cookie: "SERVERID=s3");
        })
        {
            ServerOf = new() { ["s3"] = "backup" },
            OursOf = new() { ["s3"] = new() { ["Server.Backup"] = "true" } },
        },
        new("balance roundrobin, weighted", async run => await NoteSpreadAsync(run, 10))
        {
            Balance = ("WeightedRoundRobin", "roundrobin"),
            ServerOf = new() { ["s1"] = "weight 3" },
            OursOf = new() { ["s1"] = new() { ["Server.Weight"] = "3" } },
        },
        new("balance source: a client has one server", async run =>
        {
            var servers = new HashSet<string>();
            for (var i = 0; i < 6; i++)
            {
                servers.Add((await run.Balancer.Client.SendAsync()).Server);
            }

            run.Note($"{servers.Count} server");
        })
        {
            HAProxy = "hash-type consistent",
            HasCookieNames = false,
            Balance = ("ConsistentHash", "source"),
            Policy = "Stick",
            Ours = ["Stick.On=Header:X-None", "Hash.On=Source"],
        },
    ];

    internal static async Task FinishAsync(Scenario run, IReadOnlyCollection<Task<Answer>> requests)
    {
        var all = Task.WhenAll(requests);
        await Eventually.TrueAsync(
            () =>
            {
                foreach (var server in run.Servers)
                {
                    server.ReleaseAll();
                }

                return all.IsCompleted;
            },
            "all requests are answered");
        await all;
    }

    private static async Task MarkAsync(Scenario run, Upstream server, bool isUp)
    {
        server.CheckStatus = isUp ? 200 : 503;
        await run.Balancer.WaitForAsync(server.Id, isUp);
    }

    /// <summary>Notes how many of some requests each server got.</summary>
    private static async Task NoteSpreadAsync(Scenario run, int requests, string path = "/", string? cookie = null)
    {
        var counts = new Dictionary<string, int>();
        for (var i = 0; i < requests; i++)
        {
            var server = (await run.Balancer.Client.SendAsync(path, cookie)).Server;
            counts[server] = counts.GetValueOrDefault(server) + 1;
        }

        run.Note(string.Join(' ', counts.OrderBy(each => each.Key, StringComparer.Ordinal).Select(each => $"{each.Key}={each.Value}")));
    }
}
