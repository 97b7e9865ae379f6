using Microsoft.AspNetCore.Http;
using StickyAspire.Yarp.Affinity;
using Yarp.ReverseProxy.Configuration;

namespace Yarp.Tests.Parity;

/// <summary>The cookie that names the server.</summary>
internal static class CookieRows
{
    private const string SetsOurs = "/?set-cookie=SERVERID%3Dmine%3B%20path%3D%2Fapp&set-cookie=a%3D1";

    public static IEnumerable<Row> All =>
    [
        new("cookie insert indirect nocache", async run =>
        {
            var first = await run.SendBalancedAsync();
            await run.SendAsync(cookie: "SERVERID=s1");
            await run.SendAsync(cookie: "SERVERID=s2");
            await run.SendAsync(cookie: "a=1; SERVERID=s3; b=2");
            await run.SendAsync(cookie: "SERVERID=s3; b=2");
            await run.SendAsync(cookie: "b=2; SERVERID=s3");
            await run.SendBalancedAsync(cookie: "SERVERID=s9; a=1");
            await run.SendBalancedAsync(cookie: "SERVERID=");
            await run.SendBalancedAsync(cookie: "serverid=x");
            await run.SendAsync(SetsOurs, "SERVERID=s2");
            await run.SendBalancedAsync(SetsOurs);
            await run.SendBalancedAsync("/?cache-control=max-age%3D60");
            await run.SendAsync("/?cache-control=max-age%3D60", "SERVERID=s1");
            await run.SendBalancedAsync("/?cache-control=private");
            run.Note($"again: {(await run.Balancer.Client.SendAsync(cookie: $"SERVERID={first.CookieValue()}")).Server == first.Server}");
        }),
        new("cookie insert", async run =>
        {
            await run.SendBalancedAsync("/?cache-control=max-age%3D60");
            await run.SendAsync(cookie: "a=1; SERVERID=s2");
            await run.SendAsync(SetsOurs, "SERVERID=s2");
        })
        {
            HAProxy = "cookie SERVERID insert",
            Ours = ["Cookie.Indirect=false", "Cookie.NoCache=false"],
        },
        new("cookie insert indirect postonly", async run =>
        {
            await run.SendBalancedAsync();
            await run.SendBalancedAsync(method: HttpMethod.Post);
            await run.SendAsync(cookie: "SERVERID=s2", method: HttpMethod.Post);
        })
        {
            HAProxy = "cookie SERVERID insert indirect postonly",
            Ours = ["Cookie.PostOnly=true", "Cookie.NoCache=false"],
        },
        new("cookie insert indirect nocache preserve", async run =>
        {
            await run.SendBalancedAsync();
            await run.SendBalancedAsync(SetsOurs);
            await run.SendAsync(SetsOurs, "SERVERID=s2");
            await run.SendAsync("/?set-cookie=SERVERID%3D%3B%20expires%3DThu%2C%2001%20Jan%201970%2000%3A00%3A01%20GMT", "SERVERID=s3");
        })
        {
            HAProxy = "cookie SERVERID insert indirect nocache preserve",
            Ours = ["Cookie.Preserve=true"],
        },
        new("cookie rewrite", async run =>
        {
            await run.SendBalancedAsync();
            await run.SendBalancedAsync(SetsOurs);
            await run.SendAsync(SetsOurs, "SERVERID=s2");
            await run.SendAsync(cookie: "a=1; SERVERID=s3");
        })
        {
            HAProxy = "cookie SERVERID rewrite",
            Ours = ["Cookie.Mode=Rewrite"],
        },
        new("cookie prefix: the article's next post", async run =>
        {
            const string Login = "/?set-cookie=JSESSIONID%3DABC~12%3B%20path%3D%2F&set-cookie=a%3D1";
            await run.SendBalancedAsync();
            await run.SendBalancedAsync(Login);
            await run.SendAsync(cookie: "a=1; JSESSIONID=s2~ABC~12; b=2");
            await run.SendAsync(Login, "JSESSIONID=s2~ABC~12");
            await run.SendAsync(cookie: "JSESSIONID=s2~");
            await run.SendAsync(cookie: "JSESSIONID=s3");
            await run.SendBalancedAsync(cookie: "JSESSIONID=ABC");
            await run.SendBalancedAsync(cookie: "JSESSIONID=s9~ABC");
            await run.SendBalancedAsync(cookie: "JSESSIONID=~ABC");
        })
        {
            HAProxy = "cookie JSESSIONID prefix",
            CookieName = "JSESSIONID",
            Ours = ["Cookie.Mode=Prefix"],
        },
        new("cookie maxidle", async run =>
        {
            await run.SendBalancedAsync();
            await run.SendAsync(cookie: "SERVERID=s2");
            await run.SendAsync(cookie: $"SERVERID=s2|{Ago(60)}");
            await run.SendBalancedAsync(cookie: $"SERVERID=s2|{Ago(1_900)}");
            await run.SendAsync(cookie: $"SERVERID=s2|{Ago(-3_600)}");
            await run.SendBalancedAsync(cookie: $"SERVERID=s2|{Ago(-90_000)}");
            // Five letters are a date, of the year 2052; five dashes are none.
            await run.SendBalancedAsync(cookie: "SERVERID=s2|nonsense");
            await run.SendAsync(cookie: "SERVERID=s2|-----");
            await run.SendAsync(cookie: "SERVERID=s2|");
            await run.SendAsync(cookie: $"SERVERID=s2|{Ago(60)}|{Ago(60)}");
        })
        {
            HAProxy = "cookie SERVERID insert indirect nocache maxidle 30m",
            Ours = ["Cookie.MaxIdle=30m"],
        },
        new("cookie maxidle maxlife", async run =>
        {
            await run.SendBalancedAsync();
            await run.SendAsync(cookie: "SERVERID=s2");
            await run.SendAsync(cookie: $"SERVERID=s2|{Ago(60)}");
            await run.SendAsync(cookie: $"SERVERID=s2|{Ago(60)}|{Ago(3_600)}");
            await run.SendBalancedAsync(cookie: $"SERVERID=s2|{Ago(60)}|{Ago(9 * 3_600)}");
            await run.SendBalancedAsync(cookie: $"SERVERID=s2|{Ago(1_900)}|{Ago(3_600)}");
            await run.SendBalancedAsync(cookie: $"SERVERID=s2|{Ago(60)}|{Ago(-90_000)}");
            var kept = await run.Balancer.Client.SendAsync(cookie: $"SERVERID=s2|{Ago(60)}|AAAAB");
            run.Note($"void: {kept.Server.Length > 0 && !kept.CookieValue()!.EndsWith("AAAAB", StringComparison.Ordinal)}");
        })
        {
            HAProxy = "cookie SERVERID insert indirect nocache maxidle 30m maxlife 8h",
            Ours = ["Cookie.MaxIdle=30m", "Cookie.MaxLife=8h"],
        },
        new("cookie dynamic: the same values of the same key", async run =>
        {
            var names = new Dictionary<string, string>();
            for (var i = 0; i < 3; i++)
            {
                var answer = await run.Balancer.Client.SendAsync();
                names[answer.Server] = answer.CookieValue()!;
            }

            foreach (var server in run.Servers)
            {
                // Ports differ between the two runs, so what each gives is compared with what HAProxy's formula does.
                run.Note($"{server.Id}: {names[server.Id] == DynamicCookie.Create("0123456789abcdef", new Uri(server.Address))}");
                run.Note((await run.Balancer.Client.SendAsync(cookie: $"SERVERID={names[server.Id]}")).Server);
            }

            var unknown = await run.Balancer.Client.SendAsync(cookie: "SERVERID=s1");
            run.Note($"an id is no cookie: {unknown.CookieValue() is { Length: 16 }}");
        })
        {
            HAProxy = "cookie SERVERID insert indirect nocache dynamic\ndynamic-cookie-key 0123456789abcdef",
            HasCookieNames = false,
            Ours = ["Cookie.DynamicKey=0123456789abcdef"],
        },
        new("cookie httponly secure domain attr", async run =>
        {
            await run.SendBalancedAsync();
            await run.SendAsync(cookie: "SERVERID=s2");
        })
        {
            HAProxy = "cookie SERVERID insert indirect nocache httponly secure domain .example.org attr \"SameSite=None\" attr \"Priority=High\"",
            Cookie = new SessionAffinityCookieConfig { HttpOnly = true, SecurePolicy = CookieSecurePolicy.Always, Domain = ".example.org", SameSite = SameSiteMode.None },
            Ours = ["Cookie.Attr=Priority=High"],
        },
        new("nocache: HAProxy marks only what may be cached, we mark everything with a cookie in it", async run =>
        {
            run.Note((await run.Balancer.Client.SendAsync("/")).CacheControl);
            run.Note((await run.Balancer.Client.SendAsync("/?cache-control=no-store")).CacheControl);
            run.Note((await run.Balancer.Client.SendAsync("/?cache-control=max-age%3D60", method: HttpMethod.Post)).CacheControl);
        })
        {
            Difference = (
                "An answer with somebody's cookie is private whatever else it says; to say it costs nothing.",
                "\nno-store\nmax-age=60",
                "private\nno-store, private\nmax-age=60, private"),
        },
        new("cookie of another path: HAProxy and we look at all of the name", async run => await run.SendAsync(cookie: "SERVERID=old; SERVERID=s3")),
    ];

    private static string Ago(int seconds) => CookieDate.Encode(DateTimeOffset.UtcNow.AddSeconds(-seconds));
}
