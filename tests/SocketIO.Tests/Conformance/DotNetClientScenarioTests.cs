using System.Globalization;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using SocketIO.Tests.Conformance.Targets;
using SocketIOClient;
using SocketIOClient.Transport;

namespace SocketIO.Tests.Conformance;

/// <summary>The client from NuGet sees the same of Node's server and of ours: as much of the scenario as that client can play.</summary>
public sealed class DotNetClientScenarioTests(EIO3Target target)
{
    private static readonly TimeSpan StepDeadline = TimeSpan.FromSeconds(10);

    private static readonly Dictionary<string, string> Settings =
        new() { ["PING_INTERVAL"] = "25000", ["PING_TIMEOUT"] = "20000", ["ALLOW_EIO3"] = "1" };

    [Theory]
    [InlineData(TransportProtocol.Polling, 4)]
    [InlineData(TransportProtocol.WebSocket, 4)]
    [InlineData(TransportProtocol.Polling, 3)]
    [InlineData(TransportProtocol.WebSocket, 3)]
    public async Task DotNetClient_SeesWhatNodeShows(TransportProtocol transport, int revision)
    {
        await using var node = await ServerProcess.StartNodeAsync(Settings);

        var expected = await ObserveAsync(node.Url, transport, revision);
        var actual = await ObserveAsync(target.Url, transport, revision);

        Assert.Equal(expected, actual);
    }

    private static async Task<List<string>> ObserveAsync(Uri url, TransportProtocol transport, int revision)
    {
        var seen = new List<string>();

        using (var root = Create(url, transport, revision))
        {
            var events = await ConnectAsync(root);
            seen.Add("auth " + await NextAsync(events));

            object[][] messages = [[1, "2", new { list = new[] { true, false } }], ["żółć 😀 \u0000"], [new byte[] { 1, 2, 3 }, new { deep = new byte[] { 4, 5 } }]];
            foreach (var arguments in messages)
            {
                await root.EmitAsync("message", arguments);
                seen.Add("event " + await NextAsync(events));
                seen.Add("ack " + await AskAsync(root, "message-with-ack", arguments));
            }

            for (var i = 0; i < 100; i++)
            {
                await root.EmitAsync("message", i);
            }

            for (var i = 0; i < 100; i++)
            {
                seen.Add(await NextAsync(events));
            }

            seen.Add("big " + (await AskAsync(root, "message-with-ack", new string('x', 200_000))).Length.ToString(CultureInfo.InvariantCulture));
            await root.DisconnectAsync();
            seen.Add("disconnected " + await NextAsync(events));
        }

        using (var custom = Create(new Uri(url, "/custom"), transport, revision))
        {
            seen.Add("custom " + await NextAsync(await ConnectAsync(custom)));
        }

        if (revision == 3)
        {
            // What this client reports of a conversation in a namespace by revision 3 changes from run to run, against Node's server as against ours.
            return seen;
        }

        using (var scenario = Create(new Uri(url, "/scenario"), transport, revision))
        {
            var events = await ConnectAsync(scenario);
            seen.Add("hello " + await NextAsync(events));
            await scenario.EmitAsync("ask", 1, "two");
            seen.Add("answered " + await NextAsync(events));
            await scenario.EmitAsync("kick");
            seen.Add("kicked " + await NextAsync(events));
        }

        return seen;
    }

    private static SocketIOClient.SocketIO Create(Uri url, TransportProtocol transport, int revision) =>
        new(url, new SocketIOOptions
        {
            Transport = transport,
            AutoUpgrade = false,
            EIO = revision,
            Auth = revision == 4 ? new { token = "abc", n = 1 } : null,
            Reconnection = false,
        });

    /// <summary>Connects, and returns all that happens to the client from then on.</summary>
    private static async Task<ChannelReader<string>> ConnectAsync(SocketIOClient.SocketIO client)
    {
        var events = Channel.CreateUnbounded<string>();
        foreach (var name in new[] { "auth", "message-back", "hello", "answered" })
        {
            client.On(name, response => events.Writer.TryWrite(Show(response)));
        }

        client.On("question", async response =>
        {
            try
            {
                await response.CallbackAsync(new { youAsked = response.GetValue<int>(0) });
            }
            catch (OperationCanceledException)
            {
                // The client may be gone before the post that carried its answer is answered in turn.
            }
        });
        client.OnDisconnected += (_, reason) => events.Writer.TryWrite(reason);
        await client.ConnectAsync().WaitAsync(StepDeadline, TestContext.Current.CancellationToken);
        return events.Reader;
    }

    private static async Task<string> AskAsync(SocketIOClient.SocketIO client, string name, params object[] arguments)
    {
        var answer = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await client.EmitAsync(name, response => answer.TrySetResult(Show(response)), arguments);
        return await answer.Task.WaitAsync(StepDeadline, TestContext.Current.CancellationToken);
    }

    private static async Task<string> NextAsync(ChannelReader<string> events) =>
        await events.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(StepDeadline, TestContext.Current.CancellationToken);

    /// <summary>The arguments by their meaning: a letter may be escaped or not.</summary>
    private static string Show(SocketIOResponse response) =>
        $"{JsonNode.Parse(response.ToString())!.ToJsonString()} {string.Join(' ', response.InComingBytes.Select(Convert.ToHexString))}";
}
