using System.Text.Json;
using Microsoft.Playwright;
using StickyAspire.SystemTests.Running;
using StickyAspire.TestSupport;

namespace StickyAspire.SystemTests;

/// <summary>The samples, as their READMEs start them: driven by the official client, and their pages by a browser.</summary>
public sealed class SampleTests
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("Chat", "chat", """
        {"first":["Ann"],"joined":"Bob","second":["Ann","Bob"],"refused":"A name has 1 to 32 characters, and stays.",
        "message":{"from":"Ann","text":"hello"},"typing":"Bob","left":"Bob"}
        """)]
    [InlineData("PrivateMessages", "private-messages", """
        {"refused":"invalid username","users":["Ann","Bob"],"toBob":true,"toNobody":false,
        "messages":[{"from":"Ann","to":"Bob","content":"psst"},{"from":"Ann","to":"Bob","content":"psst"}],"goneAfterOne":0,"left":"Bob"}
        """)]
    [InlineData("FileUpload", "file-upload", """
        {"acks":[262144,524288,786432,1000000],"tooMuch":"Not the next chunk of a file.","equal":true}
        """)]
    public async Task Sample_DoesWhatItSays(string project, string scenario, string expected)
    {
        await using var sample = Start(project, out var url);
        await IsListeningAsync(sample);

        var seen = await NodeScript.RunAsync("samples.mjs", scenario, url);

        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(expected), seen), seen.GetRawText());
    }

    [Fact]
    public async Task Pages_Work()
    {
        var chromium = Tool.Require("chromium");
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = chromium,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });

        await using (var chat = Start("Chat", out var url))
        {
            var (ann, bob) = (await OpenAsync(browser, chat, url), await OpenAsync(browser, chat, url));
            foreach (var (page, name) in new[] { (ann, "Ann"), (bob, "Bob") })
            {
                await page.GetByLabel("Name").FillAsync(name);
                await page.GetByRole(AriaRole.Button, new() { Name = "Enter" }).ClickAsync();
                await Assertions.Expect(page.GetByText("Here:")).ToContainTextAsync(name);
            }

            await SayAsync(ann, "<b>hello</b>");
            await Assertions.Expect(bob.Locator("#messages .text")).ToHaveTextAsync("Ann: <b>hello</b>");
        }

        await using (var messages = Start("PrivateMessages", out var url))
        {
            var (ann, bob) = (await OpenAsync(browser, messages, url), await OpenAsync(browser, messages, url));
            await ann.GetByRole(AriaRole.Button, new() { Name = "Enter" }).ClickAsync();
            await Assertions.Expect(ann.GetByText("invalid username")).ToBeVisibleAsync();
            foreach (var (page, name) in new[] { (ann, "Ann"), (bob, "Bob") })
            {
                await page.GetByLabel("Name").FillAsync(name);
                await page.GetByRole(AriaRole.Button, new() { Name = "Enter" }).ClickAsync();
                await Assertions.Expect(page.Locator("#say")).ToBeVisibleAsync();
            }

            await ann.GetByLabel("To").SelectOptionAsync("Bob");
            await SayAsync(ann, "psst");
            await Assertions.Expect(bob.Locator("#messages .text")).ToHaveTextAsync("Ann to Bob: psst");
        }

        await using (var upload = Start("FileUpload", out var url))
        {
            var page = await OpenAsync(browser, upload, url);
            await page.GetByLabel("File").SetInputFilesAsync(new FilePayload { Name = "abc.txt", MimeType = "text/plain", Buffer = "abc"u8.ToArray() });

            // FIPS 180-2's own example.
            await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        }
    }

    private static async Task<IPage> OpenAsync(IBrowser browser, RunningProgram sample, string url)
    {
        await IsListeningAsync(sample);
        var page = await browser.NewPageAsync();
        await page.GotoAsync(url);
        return page;
    }

    private static async Task SayAsync(IPage page, string text)
    {
        await page.GetByLabel("Message").FillAsync(text);
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
    }

    private static RunningProgram Start(string project, out string url)
    {
        url = $"http://127.0.0.1:{FreePort.Take()}";
        var folder = Path.Combine(Repository.Root, "samples", project);
        return new RunningProgram("dotnet", [Repository.Assembly("samples/" + project), "--urls", url], folder);
    }

    private static Task IsListeningAsync(RunningProgram sample) => Eventually.TrueAsync(
        () =>
        {
            Assert.False(sample.HasExited, sample.Output);
            return sample.Output.Contains("Now listening on", StringComparison.Ordinal);
        },
        StartLimit,
        "the sample listens");
}
