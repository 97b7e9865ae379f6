using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Playwright;
using StickyAspire.SystemTests.Running;

namespace StickyAspire.SystemTests;

/// <summary>HAProxy's statistics page in a real browser, with the article's address and credentials.</summary>
[Collection(SharedSystemTests.Name)]
public sealed class StatsPageTests(SharedSystem shared)
{
    private static readonly string AxeScript = Path.Combine(Repository.Clients, "node_modules", "axe-core", "axe.min.js");

    [Theory]
    [InlineData("/stats", 1440, ColorScheme.Light)]
    [InlineData("/stats", 1440, ColorScheme.Dark)]
    [InlineData("/haproxy?stats", 375, ColorScheme.Light)]
    [InlineData("/haproxy?stats", 375, ColorScheme.Dark)]
    public async Task Page_AnySizeAndTheme_IsReadableAndAccessible(string path, int width, ColorScheme theme)
    {
        Assert.SkipWhen(!File.Exists(AxeScript) && Environment.GetEnvironmentVariable("CI") != "true", "The npm packages of tests/clients are not installed: run ./test.");
        await using var browser = await Browsing.StartAsync();
        var page = await browser.OpenAsync(shared.Url + path, width, theme);

        await Assertions.Expect(page.Locator("#state")).ToHaveAttributeAsync("data-state", "live");
        await Assertions.Expect(page.Locator("tr.server")).ToHaveCountAsync(6);
        await Assertions.Expect(page.Locator("tr.server .status .badge").First).ToHaveTextAsync("UP");
        Assert.Equal(width, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        await page.EvaluateAsync(await File.ReadAllTextAsync(AxeScript, TestContext.Current.CancellationToken));
        Assert.Equal("[]", await page.EvaluateAsync<string>("axe.run().then(result => JSON.stringify(result.violations.map(each => [each.id, each.nodes.map(node => node.html)])))"));
        Assert.Empty(browser.Errors);
    }

    [Fact]
    public async Task Page_WhileRequestsCome_ShowsThemWithoutBeingAsked()
    {
        await using var browser = await Browsing.StartAsync();
        var page = await browser.OpenAsync(shared.Url + "/stats", 1440, ColorScheme.Light);
        var total = page.Locator("section.proxy", new() { Has = page.Locator("h2", new() { HasTextString = "web" }) }).First.Locator("tr.sum td[data-label='Total'] .value span");
        await Assertions.Expect(total).Not.ToBeEmptyAsync();
        var before = int.Parse((await total.TextContentAsync())!.Replace(",", "", StringComparison.Ordinal), System.Globalization.CultureInfo.InvariantCulture);

        using var client = new HttpClient();
        for (var i = 0; i < 7; i++)
        {
            await client.GetStringAsync(new Uri(shared.Url), TestContext.Current.CancellationToken);
        }

        await Eventually.TrueAsync(
            async () => int.Parse((await total.TextContentAsync())!.Replace(",", "", StringComparison.Ordinal), System.Globalization.CultureInfo.InvariantCulture) >= before + 7,
            TimeSpan.FromSeconds(10),
            "the page shows the requests");

        // Its tools: a filter, problems only (there are none), pause, themes.
        await page.FillAsync("#filter", "websockets s2");
        await Assertions.Expect(page.Locator("tr.server:visible")).ToHaveCountAsync(1);
        await page.FillAsync("#filter", "");
        await page.CheckAsync("#problems");
        await Assertions.Expect(page.Locator("#nothing")).ToBeVisibleAsync();
        await page.UncheckAsync("#problems");
        await page.ClickAsync("#theme");
        await page.ClickAsync("#theme");
        await Assertions.Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        Assert.Empty(browser.Errors);
    }

    [Fact]
    public async Task Credentials_NoneOrWrong_AreAskedForInTheArticlesRealm()
    {
        foreach (var authorization in (string?[])[null, "123:124", "124:123"])
        {
            foreach (var path in (string[])["/stats", "/haproxy?stats", "/stats;csv", "/haproxy?stats;csv", "/stats;events", "/metrics"])
            {
                // The gateway hears an address no more after ten wrong passwords.
                if (authorization is not null && path is not ("/stats" or "/haproxy?stats;csv"))
                {
                    continue;
                }

                using var answer = await GetAsync(shared.Url + path, authorization);
                Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
                Assert.Equal("Basic realm=\"Haproxy Statistics\"", answer.Headers.WwwAuthenticate.ToString());
            }
        }
    }

    [Fact]
    public async Task CsvJsonMetrics_WithTheArticlesCredentials_AreServed()
    {
        using var csv = await GetAsync(shared.Url + "/haproxy?stats;csv", "123:123");
        Assert.StartsWith("# pxname,svname,qcur,qmax,scur,smax,slim,stot,", await csv.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);

        using var json = await GetAsync(shared.Url + "/stats;json", "123:123");
        var rows = JsonElement.Parse(await json.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("Frontend", rows[0][0].GetProperty("objType").GetString());

        using var metrics = await GetAsync(shared.Url + "/metrics", "123:123");
        var text = await metrics.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        foreach (var name in (string[])["stickyaspire_server_up", "stickyaspire_server_sessions_total", "kestrel_active_connections"])
        {
            Assert.Contains(name, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Replicas_HaveNoStatistics()
    {
        using var client = new HttpClient();
        foreach (var path in (string[])["/stats", "/haproxy?stats", "/metrics"])
        {
            using var answer = await client.GetAsync(new Uri(shared.System.Replica("s1").Url + path), TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
    }

    [Fact]
    public async Task Production_WithoutAPassword_TheyAreOffAndTheLogSaysHowToTurnThemOn()
    {
        await using var gateway = await StandaloneGateway.StartAsync([]);

        foreach (var path in (string[])["/stats", "/haproxy?stats", "/stats;csv", "/metrics"])
        {
            using var answer = await GetAsync(gateway.Url + path, "123:123");
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }

        Assert.Contains("The statistics page is off; set Stats:Password (Stats__Password in the environment) to turn it on", gateway.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Production_WithAPassword_TheyAreOnAndNobodyGuessesIt()
    {
        await using var gateway = await StandaloneGateway.StartAsync(new() { ["Stats__Password"] = "correct horse" });
        using (var right = await GetAsync(gateway.Url + "/stats", "admin:correct horse"))
        {
            Assert.Equal(HttpStatusCode.OK, right.StatusCode);
        }

        for (var i = 0; i < 10; i++)
        {
            using var wrong = await GetAsync(gateway.Url + "/stats;csv", $"admin:wrong{i}");
            Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        }

        using var blocked = await GetAsync(gateway.Url + "/stats", "admin:correct horse");
        Assert.Equal(HttpStatusCode.TooManyRequests, blocked.StatusCode);
        Assert.InRange(blocked.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
        Assert.Contains("The statistics page is served without TLS", gateway.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("correct horse", gateway.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong1", gateway.Output, StringComparison.Ordinal);
    }

    private static async Task<HttpResponseMessage> GetAsync(string url, string? credentials)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        if (credentials is not null)
        {
            request.Headers.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));
        }

        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    /// <summary>Chromium, and what its pages complain of.</summary>
    private sealed class Browsing(IPlaywright playwright, IBrowser browser) : IAsyncDisposable
    {
        public List<string> Errors { get; } = [];

        public static async Task<Browsing> StartAsync()
        {
            var chromium = Tool.Require("chromium");
            var playwright = await Playwright.CreateAsync();
            return new Browsing(playwright, await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
            {
                ExecutablePath = chromium,
                Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
            }));
        }

        public async Task<IPage> OpenAsync(string url, int width, ColorScheme theme)
        {
            var context = await browser.NewContextAsync(new BrowserNewContextOptions
            {
                ColorScheme = theme,
                HttpCredentials = new HttpCredentials { Username = "123", Password = "123" },
                ViewportSize = new ViewportSize { Width = width, Height = 900 },
            });
            var page = await context.NewPageAsync();
            page.PageError += (_, error) => Errors.Add(error);
            page.Console += (_, message) =>
            {
                // Before it knows the password the browser is refused once, and says so.
                if (message.Type == "error" && !message.Text.Contains("401", StringComparison.Ordinal))
                {
                    Errors.Add(message.Text);
                }
            };
            await page.GotoAsync(url);
            return page;
        }

        public async ValueTask DisposeAsync()
        {
            await browser.DisposeAsync();
            playwright.Dispose();
        }
    }
}
