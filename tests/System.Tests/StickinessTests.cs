using System.Text.Json;
using StickyAspire.SystemTests.Running;

namespace StickyAspire.SystemTests;

[Collection(SharedSystemTests.Name)]
public sealed class StickinessTests(SharedSystem shared) : IAsyncLifetime
{
    private const int Clients = 200;
    private const int Messages = 50;

    /// <summary>How evenly new sessions spread can be told only where nobody has any yet.</summary>
    public async ValueTask InitializeAsync() => await shared.System.WaitUntilIdleAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData("jar")]
    [InlineData("none")]
    public async Task SocketIO_PollingOnly_EverySessionStaysWhereItLives(string cookies)
    {
        var result = await NodeScript.RunAsync("many-polling.mjs", shared.Url, "--clients", $"{Clients}", "--messages", $"{Messages}", "--cookies", cookies);

        AssertAllWentWell(result);
    }

    [Theory]
    [InlineData("longpolling", "jar")]
    [InlineData("longpolling", "none")]
    [InlineData("sse", "jar")]
    [InlineData("sse", "none")]
    [InlineData("websockets", "none")]
    public async Task SignalR_AnyTransport_EverySessionStaysWhereItLives(string transport, string cookies)
    {
        var result = await NodeScript.RunAsync(
            "many-signalr.mjs", shared.Url, "--transport", transport, "--clients", $"{Clients}", "--messages", $"{Messages}", "--cookies", cookies);

        AssertAllWentWell(result);
    }

    [Theory]
    [InlineData("websocket")]
    [InlineData("polling,websocket")]
    public async Task SocketIO_WebSocket_EverySessionStaysWhereItLives(string transports)
    {
        var result = await NodeScript.RunAsync(
            "many-polling.mjs", shared.Url, "--clients", $"{Clients}", "--messages", "10", "--cookies", "none", "--transports", transports);

        AssertAllWentWell(result, messages: 10);
    }

    private static void AssertAllWentWell(JsonElement result, int messages = Messages)
    {
        Assert.Equal(0, result.GetProperty("errorCount").GetInt32());
        Assert.Equal(0, result.GetProperty("http400").GetInt32());
        Assert.Equal(Clients * messages, result.GetProperty("messages").GetInt32());

        var perServer = result.GetProperty("perServer").EnumerateObject().ToDictionary(each => each.Name, each => each.Value.GetInt32());
        Assert.Equal(["s1", "s2", "s3"], perServer.Keys.Order());
        Assert.All(perServer.Values, count => Assert.InRange(count, Clients / 3.0 * 0.9, Clients / 3.0 * 1.1));
    }
}
