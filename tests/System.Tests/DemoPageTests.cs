using Microsoft.Playwright;
using StickyAspire.SystemTests.Running;

namespace StickyAspire.SystemTests;

/// <summary>The demo page in a real browser.</summary>
[Collection(SharedSystemTests.Name)]
public sealed class DemoPageTests(SharedSystem shared)
{
    [Fact]
    public async Task Page_EveryProtocolAndTransport_ChatsWithTheOthers()
    {
        var chromium = Tool.Require("chromium");
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = chromium,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        var room = Guid.NewGuid().ToString("N");
        var pages = new List<IPage>();
        foreach (var (protocol, transport, used) in ((string, int, string)[])
            [("socket.io", 0, "websocket"), ("socket.io", 1, "websocket"), ("socket.io", 2, "polling"), ("signalr", 0, "WebSockets"), ("signalr", 1, "ServerSentEvents"), ("signalr", 2, "LongPolling")])
        {
            pages.Add(await JoinAsync(browser, room, protocol, transport, used));
        }

        for (var i = 0; i < pages.Count; i++)
        {
            await pages[i].FillAsync("#text", $"message <i>{i}</i>");
            await pages[i].ClickAsync("#say");
            foreach (var page in pages)
            {
                await Assertions.Expect(page.Locator("#messages .text").Nth(i)).ToHaveTextAsync($"message <i>{i}</i>");
            }
        }

        foreach (var page in pages)
        {
            await Assertions.Expect(page.Locator("#here li")).ToHaveCountAsync(pages.Count);
            await Assertions.Expect(page.Locator("#messages .text")).ToHaveCountAsync(pages.Count);
        }
    }

    /// <summary>A browser with cookies of its own, in the room.</summary>
    private async Task<IPage> JoinAsync(IBrowser browser, string room, string protocol, int transport, string used)
    {
        var context = await browser.NewContextAsync();
        var page = await context.NewPageAsync();
        await page.GotoAsync(shared.Url);
        await Assertions.Expect(page.Locator("#missing")).ToBeHiddenAsync();
        await page.CheckAsync($"input[value='{protocol}']");
        await page.SelectOptionAsync("#transport", $"{transport}");
        await page.FillAsync("#room", room);
        await page.ClickAsync("#toggle");
        await Assertions.Expect(page.Locator("#status")).ToHaveTextAsync("online");
        await Assertions.Expect(page.Locator("#used")).ToHaveTextAsync(used);
        await Assertions.Expect(page.Locator("#server")).ToHaveTextAsync(new System.Text.RegularExpressions.Regex("^s[123]$"));
        return page;
    }
}
