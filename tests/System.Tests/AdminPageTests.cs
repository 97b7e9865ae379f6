using Microsoft.Playwright;
using SocketIOClient;
using StickyAspire.SystemTests.Running;

namespace StickyAspire.SystemTests;

/// <summary>The page of npm's <c>@socket.io/admin-ui</c>, as it is, in a real browser, through the gateway.</summary>
public sealed class AdminPageTests
{
    private static readonly Dictionary<string, string> Settings = new()
    {
        ["Realtime__AdminUI__Username"] = "admin",
        ["Realtime__AdminUI__Password"] = "open sesame",
        ["Realtime__AdminUI__Details"] = "true",
    };

    [Fact]
    public async Task Page_LogsIn_SeesEveryServerAndClient_AndDisconnectsOne()
    {
        var chromium = Tool.Require("chromium");
        await using var system = await RunningSystem.StartAsync(Settings);
        var left = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var client = new SocketIOClient.SocketIO(system.GatewayUrl, new SocketIOOptions
        {
            ExtraHeaders = new Dictionary<string, string> { ["Cookie"] = "SERVERID=s2" },
            Reconnection = false,
        });
        client.OnDisconnected += (_, reason) => left.TrySetResult(reason);
        await client.ConnectAsync();

        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = chromium,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        var context = await browser.NewContextAsync(new BrowserNewContextOptions { Locale = "en-US", ViewportSize = new() { Width = 1400, Height = 900 } });
        await context.AddCookiesAsync([new Cookie { Name = "SERVERID", Value = "s2", Url = system.GatewayUrl }]);
        var page = await context.NewPageAsync();
        await page.GotoAsync(system.GatewayUrl + "/socket.io-admin");
        await page.GetByLabel("Server URL").FillAsync(system.GatewayUrl);
        await LogInAsync(page, "open barley");
        await Assertions.Expect(page.GetByText("Invalid credentials")).ToBeVisibleAsync();
        await LogInAsync(page, "open sesame");
        await Assertions.Expect(page.GetByText("connected", new() { Exact = true }).First).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Link, new() { Name = "Servers" }).First.ClickAsync();
        foreach (var serverId in (string[])["s1", "s2", "s3"])
        {
            await Assertions.Expect(page.GetByRole(AriaRole.Cell, new() { Name = serverId, Exact = true })).ToBeVisibleAsync();
        }

        await SaveAsync(page, "admin-servers");
        await page.GetByRole(AriaRole.Link, new() { Name = "Sockets" }).First.ClickAsync();
        var row = page.GetByRole(AriaRole.Row).Filter(new() { HasText = client.Id });
        await Assertions.Expect(row).ToContainTextAsync("WebSocket");
        await SaveAsync(page, "admin-page");
        await row.GetByRole(AriaRole.Button).ClickAsync();

        Assert.Equal("io server disconnect", await left.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
        await page.GetByRole(AriaRole.Link, new() { Name = "Sockets" }).First.ClickAsync();
        await Assertions.Expect(page.GetByText("IP address").First).ToBeVisibleAsync();
        await Assertions.Expect(row).ToHaveCountAsync(0);

        // It comes back without the password.
        await page.ReloadAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "Servers" }).First).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByLabel("Password")).ToBeHiddenAsync();
        await SaveAsync(page, "admin-page-again");
    }

    private static async Task LogInAsync(IPage page, string password)
    {
        await page.GetByLabel("Username").FillAsync("admin");
        await page.GetByLabel("Password").FillAsync(password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Connect" }).ClickAsync();
    }

    private static async Task SaveAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("SCREENSHOTS") is { Length: > 0 } folder)
        {
            await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, name + ".png") });
        }
    }
}
