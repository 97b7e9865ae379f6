using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StickyAspire.Yarp.Stats.Live;
using Yarp.ReverseProxy.Configuration;
using Yarp.Tests.Environment;

namespace Yarp.Tests.Stats;

/// <summary>What is served where, beside a proxy that would take every path for itself.</summary>
public sealed class StatsPageTests : IAsyncLifetime
{
    private readonly HttpClient _client = new();
    private WebApplication _app = null!;
    private Upstream _upstream = null!;

    public async ValueTask InitializeAsync()
    {
        _upstream = await Upstream.StartAsync("s1");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddReverseProxy()
            .LoadFromMemory([new RouteConfig { RouteId = "all", Order = -1_000, ClusterId = ClusterSettings.ClusterId, Match = new RouteMatch { Path = "/{**any}" } }], [new ClusterSettings().ToConfig([_upstream])])
            .AddStickySessions()
            .AddStats(options =>
            {
                options.Uris.Add("/stats");
                options.Uris.Add("/haproxy?stats");
                options.MaxViewers = 2;
            });
        _app = builder.Build();
        _app.MapReverseProxy(proxy => proxy.UseStickySessions());
        _app.MapStats();
        await _app.StartAsync();
        _client.BaseAddress = new Uri(_app.Urls.Single());
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    [Theory]
    [InlineData("/stats", "text/html")]
    [InlineData("/stats/", "text/html")]
    [InlineData("/stats?x=1", "text/html")]
    [InlineData("/stats;stats.css", "text/css")]
    [InlineData("/stats;stats.js", "text/javascript")]
    [InlineData("/stats;csv", "text/plain")]
    [InlineData("/stats;csv;norefresh", "text/plain")]
    [InlineData("/stats;json", "application/json")]
    [InlineData("/stats;live", "application/json")]
    [InlineData("/haproxy?stats", "text/html")]
    [InlineData("/haproxy?stats;csv", "text/plain")]
    [InlineData("/haproxy?stats;csv;norefresh", "text/plain")]
    [InlineData("/haproxy?stats;json", "application/json")]
    public async Task Get_WhatThereIs_IsServedByTheGateway(string path, string type)
    {
        using var answer = await _client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.OK, type), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        Assert.True(answer.Headers.CacheControl?.NoStore);
        Assert.Equal(0, _upstream.Total);
    }

    [Theory]
    [InlineData("/haproxy")]
    [InlineData("/haproxy?statistics")]
    [InlineData("/haproxy?x&stats")]
    [InlineData("/statsx")]
    [InlineData("/stats/deeper")]
    public async Task Get_AnythingElse_IsTheApplications(string path)
    {
        Assert.Equal("s1", await _client.GetStringAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken));
        Assert.Equal(1, _upstream.Total);
    }

    [Fact]
    public async Task OtherMethodsAndNames_AreRefused()
    {
        using var posted = await _client.PostAsync(new Uri("/stats", UriKind.Relative), null, TestContext.Current.CancellationToken);
        using var unknown = await _client.GetAsync(new Uri("/stats;nonsense", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.MethodNotAllowed, HttpStatusCode.NotFound), (posted.StatusCode, unknown.StatusCode));
        Assert.Equal(0, _upstream.Total);
    }

    [Fact]
    public async Task Page_ItsParts_AreBesideIt()
    {
        var page = await _client.GetStringAsync(new Uri("/haproxy?stats", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Contains("href=\"/haproxy?stats;stats.css\"", page, StringComparison.Ordinal);
        Assert.Contains("src=\"/haproxy?stats;stats.js\" data-uri=\"/haproxy?stats\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("{uri}", page, StringComparison.Ordinal);
        Assert.DoesNotContain("//cdn", page, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Live_TheWholeOfIt_HasRowsAndHistory()
    {
        var json = JsonElement.Parse(await _client.GetStringAsync(new Uri("/stats;live", UriKind.Relative), TestContext.Current.CancellationToken));

        Assert.Equal(["FRONTEND", "s1", "BACKEND"], json.GetProperty("rows").EnumerateArray().Select(row => row.GetProperty("svname").GetString()));
        Assert.True(json.GetProperty("history").GetProperty("websockets/s1").GetProperty("scur").GetArrayLength() > 0);
    }

    [Fact]
    public async Task Events_FramesComeEachSecond_ToAsManyAsMayWatch()
    {
        using var first = await WatchAsync();
        using var second = await WatchAsync();
        using var third = await _client.GetAsync(new Uri("/stats;events", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, third.StatusCode);
        Assert.NotNull(third.Headers.RetryAfter);

        using var reader = new StreamReader(await first.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        var names = new List<string>();
        var times = new List<long>();
        while (names.Count < 3)
        {
            var line = await reader.ReadLineAsync(TestContext.Current.CancellationToken);
            if (line!.StartsWith("event: ", StringComparison.Ordinal))
            {
                names.Add(line[7..]);
            }
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                times.Add(JsonElement.Parse(line[6..]).GetProperty("time").GetInt64());
            }
        }

        Assert.Equal(["full", "next", "next"], names);
        Assert.Equal(times.Order().Distinct(), times);

        // Whoever leaves makes room.
        second.Dispose();
        await Eventually.TrueAsync(() => _app.Services.GetRequiredService<StatsFeed>().Viewers == 1, "one is left");
        using var fourth = await WatchAsync();
        Assert.Equal(HttpStatusCode.OK, fourth.StatusCode);
    }

    [Fact]
    public async Task Stop_WhileSomebodyWatches_DoesNotWaitForHim()
    {
        using var viewer = await WatchAsync();

        // The host gives its requests 30 s to end; this one ends at once.
        await _app.StopAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    private Task<HttpResponseMessage> WatchAsync() => _client.GetAsync(new Uri("/stats;events", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
}
