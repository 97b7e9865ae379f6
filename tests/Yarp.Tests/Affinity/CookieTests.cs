using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Yarp.ReverseProxy.Configuration;
using Yarp.Tests.Environment;

namespace Yarp.Tests.Affinity;

/// <summary>HAProxy's <c>cookie</c> line, keyword by keyword.</summary>
public sealed class CookieTests : GatewayTest
{
    [Fact]
    public async Task Cookie_insert_SetsItOnce_AndTheSessionStays()
    {
        var gateway = await StartAsync();

        var first = await gateway.Client.SendAsync();
        var name = first.CookieValue();
        Assert.Equal(first.Server, name);
        Assert.Contains("path=/", first.SetCookies.Single(), StringComparison.Ordinal);

        for (var i = 0; i < 5; i++)
        {
            var again = await gateway.Client.SendAsync(cookie: $"SERVERID={name}");
            Assert.Equal(name, again.Server);
            Assert.Empty(again.SetCookies);
        }
    }

    [Fact]
    public async Task Cookie_insert_OfAServerThatIsNot_IsReplaced()
    {
        var gateway = await StartAsync();

        var answer = await gateway.Client.SendAsync(cookie: "SERVERID=s9");

        Assert.Equal(answer.Server, answer.CookieValue());
    }

    [Fact]
    public async Task Cookie_insert_RemovesTheApplicationsOwnOfTheSameName()
    {
        var gateway = await StartAsync();

        var answer = await gateway.Client.SendAsync("/?set-cookie=SERVERID%3Dmine&set-cookie=a%3D1", cookie: "SERVERID=s2");

        Assert.Equal(["a=1"], answer.SetCookies);
    }

    [Theory]
    [InlineData("SERVERID=s2", "")]
    [InlineData("a=1; SERVERID=s2; b=2", "a=1; b=2")]
    [InlineData("SERVERID=s9; a=1", "a=1")]
    public async Task Cookie_indirect_HidesItFromTheApplication(string sent, string seen)
    {
        var gateway = await StartAsync();

        Assert.Equal(seen, (await gateway.Client.SendAsync(cookie: sent)).SeenCookie);
    }

    [Fact]
    public async Task Cookie_withoutIndirect_IsSeenByTheApplication()
    {
        var gateway = await StartAsync("Cookie.Indirect=false");

        Assert.Equal("a=1; SERVERID=s2", (await gateway.Client.SendAsync(cookie: "a=1; SERVERID=s2")).SeenCookie);
    }

    [Theory]
    [InlineData("true", "", "private")]
    [InlineData("true", "max-age=60", "max-age=60, private")]
    [InlineData("true", "private", "private")]
    [InlineData("false", "max-age=60", "max-age=60")]
    public async Task Cookie_nocache_MarksWhatCarriesACookiePrivate(string noCache, string given, string expected)
    {
        var gateway = await StartAsync($"Cookie.NoCache={noCache}");
        var path = given.Length == 0 ? "/" : $"/?cache-control={given}";

        Assert.Equal(expected, (await gateway.Client.SendAsync(path)).CacheControl);
        Assert.Equal(given, (await gateway.Client.SendAsync(path, cookie: "SERVERID=s1")).CacheControl);
    }

    [Fact]
    public async Task Cookie_postonly_InsertsOnPostOnly()
    {
        var gateway = await StartAsync("Cookie.PostOnly=true");

        Assert.Empty((await gateway.Client.SendAsync()).SetCookies);
        Assert.NotNull((await gateway.Client.SendAsync(method: HttpMethod.Post)).CookieValue());
    }

    [Theory]
    [InlineData("SERVERID=; expires=Thu, 01 Jan 1970 00:00:01 GMT")]
    [InlineData("SERVERID=s1; path=/app")]
    public async Task Cookie_preserve_LeavesWhatTheApplicationSets(string set)
    {
        var gateway = await StartAsync("Cookie.Preserve=true");
        var path = $"/?set-cookie={Uri.EscapeDataString(set)}";

        Assert.Equal([set], (await gateway.Client.SendAsync(path)).SetCookies);
        Assert.Equal([set], (await gateway.Client.SendAsync(path, cookie: "SERVERID=s2")).SetCookies);
        Assert.NotNull((await gateway.Client.SendAsync()).CookieValue());
    }

    [Fact]
    public async Task Cookie_rewrite_PutsTheServersNameIntoTheApplicationsCookie()
    {
        var gateway = await StartAsync("Cookie.Mode=Rewrite");

        Assert.Empty((await gateway.Client.SendAsync()).SetCookies);
        var set = await gateway.Client.SendAsync("/?set-cookie=SERVERID%3Dwhatever%3B%20path%3D%2Fapp%3B%20secure&set-cookie=a%3D1");
        Assert.Equal([$"SERVERID={set.Server}; path=/app; secure", "a=1"], set.SetCookies);

        var again = await gateway.Client.SendAsync(cookie: "SERVERID=s3");
        Assert.Equal("s3", again.Server);
        Assert.Equal("SERVERID=s3", again.SeenCookie);
    }

    [Fact]
    public async Task Cookie_prefix_LetsTheApplicationsCookieNameTheServer()
    {
        var gateway = await StartAsync(Prefix());

        Assert.Empty((await gateway.Client.SendAsync()).SetCookies);
        var login = await gateway.Client.SendAsync("/?set-cookie=JSESSIONID%3DABC~12%3B%20path%3D%2F&set-cookie=a%3D1");
        Assert.Equal([$"JSESSIONID={login.Server}~ABC~12; path=/", "a=1"], login.SetCookies);

        for (var i = 0; i < 4; i++)
        {
            var again = await gateway.Client.SendAsync(cookie: "a=1; JSESSIONID=s2~ABC~12; b=2");
            Assert.Equal("s2", again.Server);
            Assert.Equal("a=1; JSESSIONID=ABC~12; b=2", again.SeenCookie);
            Assert.Empty(again.SetCookies);
        }
    }

    [Fact]
    public async Task Cookie_prefix_OfAServerThatIsNot_IsTakenOffAllTheSame()
    {
        var gateway = await StartAsync(Prefix());

        var answer = await gateway.Client.SendAsync("/?set-cookie=JSESSIONID%3DABC", cookie: "JSESSIONID=s9~ABC");

        Assert.Equal("JSESSIONID=ABC", answer.SeenCookie);
        Assert.Equal($"{answer.Server}~ABC", answer.CookieValue("JSESSIONID"));
        Assert.Equal("JSESSIONID=ABC", (await gateway.Client.SendAsync(cookie: "JSESSIONID=ABC")).SeenCookie);
    }

    [Fact]
    public async Task Cookie_httponly_secure_samesite_domain_attr_AreSet()
    {
        var gateway = await StartAsync(new ClusterSettings
        {
            Affinity = new SessionAffinityConfig
            {
                Enabled = true,
                Policy = "ServerId",
                AffinityKeyName = "SRV",
                Cookie = new SessionAffinityCookieConfig
                {
                    HttpOnly = true, SecurePolicy = CookieSecurePolicy.Always, SameSite = SameSiteMode.None, Domain = ".example.org", Path = "/app", MaxAge = TimeSpan.FromHours(1),
                },
            },
            Metadata = new() { ["Cookie.Attr"] = "Partitioned; Priority=High" },
        });

        var cookie = Assert.Single((await gateway.Client.SendAsync()).SetCookies);

        Assert.Matches("^SRV=s[123]; ", cookie);
        Assert.Equal(
            ["Partitioned", "Priority=High", "domain=.example.org", "httponly", "max-age=3600", "path=/app", "samesite=none", "secure"],
            cookie.Split("; ").Skip(1).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Cookie_maxidle_VoidsACookieThatWasNotUsed_AndRefreshesOneThatWas()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddSeconds(1_800_000_000));
        var gateway = await StartAsync(ClusterSettings.With("Cookie.MaxIdle=30m"), time);

        var value = (await gateway.Client.SendAsync()).CookieValue()!;
        var server = value[..2];
        Assert.Matches(@"^s[123]\|[A-Za-z0-9+/]{5}$", value);

        // As often as it is used, it is good for another half hour.
        for (var i = 0; i < 3; i++)
        {
            time.Advance(TimeSpan.FromMinutes(29));
            var again = await gateway.Client.SendAsync(cookie: $"SERVERID={value}");
            Assert.Equal(server, again.Server);
            Assert.NotEqual(value, again.CookieValue());
            Assert.StartsWith(server + "|", again.CookieValue(), StringComparison.Ordinal);
            value = again.CookieValue()!;
        }

        time.Advance(TimeSpan.FromMinutes(31));
        var servers = new HashSet<string>();
        for (var i = 0; i < 3; i++)
        {
            servers.Add((await gateway.Client.SendAsync(cookie: $"SERVERID={value}")).Server);
        }

        Assert.Equal(3, servers.Count);
    }

    [Fact]
    public async Task Cookie_maxlife_VoidsACookieByItsFirstDate_UsedOrNot()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddSeconds(1_800_000_000));
        var gateway = await StartAsync(ClusterSettings.With("Cookie.MaxLife=1h"), time);

        var value = (await gateway.Client.SendAsync()).CookieValue()!;
        Assert.Matches(@"^s[123]\|([A-Za-z0-9+/]{5})\|\1$", value);

        time.Advance(TimeSpan.FromMinutes(50));
        var again = await gateway.Client.SendAsync(cookie: $"SERVERID={value}");
        Assert.Equal(value[..2], again.Server);

        // Only with maxidle is the last date kept up to date; the first never changes.
        var refreshed = again.CookieValue() ?? value;
        Assert.Equal(value[^5..], refreshed[^5..]);

        time.Advance(TimeSpan.FromMinutes(11));
        var late = await gateway.Client.SendAsync(cookie: $"SERVERID={refreshed}");
        Assert.NotEqual(value[^5..], late.CookieValue()![^5..]);
    }

    [Fact]
    public async Task Cookie_maxidle_WithoutADate_IsAccepted_AndGetsOne()
    {
        var gateway = await StartAsync("Cookie.MaxIdle=30m");

        var answer = await gateway.Client.SendAsync(cookie: "SERVERID=s2");

        Assert.Equal("s2", answer.Server);
        Assert.StartsWith("s2|", answer.CookieValue(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cookie_maxlife_OfTheFarFuture_IsVoid()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddSeconds(1_800_000_000));
        var gateway = await StartAsync(ClusterSettings.With("Cookie.MaxLife=1h"), time);
        var value = (await gateway.Client.SendAsync()).CookieValue()!;

        var past = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddSeconds(1_800_000_000 - (25 * 3_600)));
        var behind = await StartAsync(ClusterSettings.With("Cookie.MaxLife=1h"), past);

        Assert.NotNull((await behind.Client.SendAsync(cookie: $"SERVERID={value}")).CookieValue());
    }

    [Fact]
    public async Task Cookie_dynamic_NamesServersByAKeyedHash_NextToSessionIdsThatNameThemByTheirIds()
    {
        var gateway = await StartAsync("Cookie.Dynamic=true", "Cookie.DynamicKey=0123456789abcdef");

        var first = await gateway.Client.SendAsync();
        var value = first.CookieValue()!;
        Assert.Matches("^[0-9a-f]{16}$", value);
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal(first.Server, (await gateway.Client.SendAsync(cookie: $"SERVERID={value}")).Server);
        }

        Assert.Equal("s3", (await gateway.Client.SendAsync("/?sid=s3.abc", cookie: $"SERVERID={value}")).Server);

        // An id in the cookie names nobody any more.
        Assert.Matches("^[0-9a-f]{16}$", (await gateway.Client.SendAsync(cookie: "SERVERID=s1")).CookieValue());

        var other = await StartAsync("Cookie.DynamicKey=another key");
        Assert.DoesNotContain(value, await Task.WhenAll(Enumerable.Range(0, 3).Select(async _ => (await other.Client.SendAsync()).CookieValue())));
    }

    [Fact]
    public async Task Server_cookie_NamesAServerOtherwiseThanItsId()
    {
        var gateway = await StartAsync(new ClusterSettings { DestinationMetadata = new() { ["s2"] = new() { ["Cookie.Value"] = "blue" } } });

        Assert.Equal("s2", (await gateway.Client.SendAsync(cookie: "SERVERID=blue")).Server);
        Assert.NotNull((await gateway.Client.SendAsync(cookie: "SERVERID=s2")).CookieValue());
        Assert.Equal("s2", (await gateway.Client.SendAsync("/?sid=s2.x")).Server);
    }

    [Fact]
    public async Task Cookie_OfTwoPaths_AnyThatIsValidCounts()
    {
        var gateway = await StartAsync();

        Assert.Equal("s3", (await gateway.Client.SendAsync(cookie: "SERVERID=old; SERVERID=s3")).Server);
    }

    [Fact]
    public async Task ThreeGateways_KeepEverySessionSticky_WithoutSharedState()
    {
        string[] metadata = ["Cookie.DynamicKey=0123456789abcdef", "Cookie.MaxIdle=1h"];
        var gateways = new[] { await StartAsync(metadata), await StartAsync(metadata), await StartAsync(metadata) };

        for (var session = 0; session < 30; session++)
        {
            var first = await gateways[session % 3].Client.SendAsync();
            for (var request = 0; request < 3; request++)
            {
                var again = await gateways[request].Client.SendAsync(cookie: $"SERVERID={first.CookieValue()}");
                Assert.Equal(HttpStatusCode.OK, again.Status);
                Assert.Equal(first.Server, again.Server);
            }
        }
    }

    private static ClusterSettings Prefix() => new()
    {
        Affinity = new SessionAffinityConfig { Enabled = true, Policy = "ServerId", AffinityKeyName = "JSESSIONID" },
        Metadata = new() { ["Cookie.Mode"] = "Prefix" },
    };
}
