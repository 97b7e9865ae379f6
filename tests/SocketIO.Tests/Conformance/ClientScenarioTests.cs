using SocketIO.Tests.Conformance.Targets;

namespace SocketIO.Tests.Conformance;

/// <summary>The official JavaScript clients see the same of Node's server and of ours, event by event.</summary>
public sealed class ClientScenarioTests(EIO3Target target)
{
    private static readonly TimeSpan RunDeadline = TimeSpan.FromMinutes(2);

    private static readonly Dictionary<string, string> Settings =
        new() { ["PING_INTERVAL"] = "25000", ["PING_TIMEOUT"] = "20000", ["ALLOW_EIO3"] = "1" };

    [Theory]
    [InlineData("v4", "polling")]
    [InlineData("v4", "websocket")]
    [InlineData("v4", "polling,websocket")]
    [InlineData("v2", "polling")]
    [InlineData("v2", "websocket")]
    [InlineData("v2", "polling,websocket")]
    public async Task JavaScriptClient_SeesWhatNodeShows(string client, string transports)
    {
        await using var node = await ServerProcess.StartNodeAsync(Settings);

        var expected = await ObserveAsync(node.Url, client, transports);
        var actual = await ObserveAsync(target.Url, client, transports);

        // Line by line: the first difference is what matters.
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second));
        Assert.Equal(expected.Count, actual.Count);
    }

    private static Task<IReadOnlyList<string>> ObserveAsync(Uri url, string client, string transports) =>
        NodeClients.RunAsync(RunDeadline, "scenario.mjs", url.GetLeftPart(UriPartial.Authority), "--client", client, "--transports", transports);
}
