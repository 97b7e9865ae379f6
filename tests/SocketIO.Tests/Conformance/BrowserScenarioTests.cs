using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;
using SocketIO.Tests.Conformance.Targets;

namespace SocketIO.Tests.Conformance;

/// <summary>The client scenario in a browser, which has its own XMLHttpRequest, WebSocket and CORS: as on Node's server, so on ours.</summary>
public sealed class BrowserScenarioTests(CalmTarget target)
{
    private const string Run = """
        async ([url, transports]) => {
          const { io } = await import("/socket.io.esm.min.js");
          const { runScenario } = await import("/scenario-core.mjs");
          const lines = [];
          await runScenario({
            io, url, transports: transports.split(","), bytes: (content) => new Uint8Array(content), write: (line) => lines.push(line),
          });
          return lines;
        }
        """;

    private static readonly Dictionary<string, string> Settings = new() { ["PING_INTERVAL"] = "25000", ["PING_TIMEOUT"] = "20000" };

    [Fact]
    public async Task Chromium_SeesWhatNodeShows()
    {
        var chromium = Chromium.Find();
        await using var node = await ServerProcess.StartNodeAsync(Settings);
        await using var pages = await ServeAsync();
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = chromium,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        var page = await browser.NewPageAsync();
        await page.GotoAsync(pages.Urls.Single());

        foreach (var transports in (string[])["polling", "websocket", "polling,websocket"])
        {
            var expected = await page.EvaluateAsync<string[]>(Run, new[] { Address(node.Url), transports });
            var actual = await page.EvaluateAsync<string[]>(Run, new[] { Address(target.Url), transports });

            Assert.Contains("\"done\"", expected[^1], StringComparison.Ordinal);
            Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second));
            Assert.Equal(expected.Length, actual.Length);
        }
    }

    private static string Address(Uri url) => url.GetLeftPart(UriPartial.Authority);

    /// <summary>A page of another origin, with the scripts.</summary>
    private static async Task<WebApplication> ServeAsync()
    {
        await NodeClients.EnsureInstalledAsync();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapGet("/", () => TypedResults.Content("<!doctype html><title>scenario</title>", "text/html"));
        app.MapGet("/scenario-core.mjs", () => Script("scenario-core.mjs"));
        app.MapGet("/socket.io.esm.min.js", () => Script("node_modules", "socket.io-client", "dist", "socket.io.esm.min.js"));
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;

        static IResult Script(params string[] path) => TypedResults.PhysicalFile(Path.Combine([TestPaths.ClientsDirectory, .. path]), "text/javascript");
    }
}
