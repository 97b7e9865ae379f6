using System.Net.WebSockets;
using SocketIO.Tests.Conformance.Clients;
using SocketIO.Tests.Conformance.Targets;

namespace SocketIO.Tests.Conformance;

/// <summary>From polling to WebSocket.</summary>
public sealed class EngineIoV4UpgradeTests(CalmTarget target)
{
    [Fact]
    public async Task Upgrade_MovesTheSession()
    {
        var session = await PollingClient.OpenAsync(target);
        await using var socket = await UpgradeAsync(session);

        await socket.SendAsync("4hello", "bAQID");

        await socket.ExpectAsync("4hello", "bAQID");
    }

    [Fact]
    public async Task Probe_ReleasesTheWaitingPoll()
    {
        var session = await PollingClient.OpenAsync(target);
        var poll = session.PollAsync();
        await using var socket = await WebSocketEngineClient.ConnectAsync(target, session);

        await socket.SendAsync("2probe");

        Assert.Equal("3probe", await socket.NextFrameAsync());
        Assert.Equal("6", await poll);
    }

    [Fact]
    public async Task PollingAfterUpgrade_IsRefused()
    {
        var session = await PollingClient.OpenAsync(target);
        await using var socket = await UpgradeAsync(session);
        // The echo tells that the server has read the upgrade.
        await socket.SendAsync("4hello");
        await socket.ExpectAsync("4hello");

        using var poll = await session.GetAsync();
        using var post = await session.PostAsync("4late");

        await EngineErrors.AssertAsync(poll, 3, "Bad request");
        await EngineErrors.AssertAsync(post, 3, "Bad request");
        await socket.SendAsync("4still here");
        await socket.ExpectAsync("4still here");
    }

    [Fact]
    public async Task SecondWebSocket_IsClosedWhileTheFirstProbes()
    {
        var session = await PollingClient.OpenAsync(target);
        await using var first = await WebSocketEngineClient.ConnectAsync(target, session);
        await first.SendAsync("2probe");
        Assert.Equal("3probe", await first.NextFrameAsync());

        await AssertClosedAsync(session);

        await first.SendAsync("5", "4hello");
        await first.ExpectAsync("4hello");
    }

    [Fact]
    public async Task SecondWebSocket_IsClosedAfterTheUpgrade()
    {
        var session = await PollingClient.OpenAsync(target);
        await using var first = await UpgradeAsync(session);
        await first.SendAsync("4hello");
        await first.ExpectAsync("4hello");

        await AssertClosedAsync(session);

        await first.SendAsync("4still here");
        await first.ExpectAsync("4still here");
    }

    [Theory]
    [InlineData("2")]
    [InlineData("2abc")]
    [InlineData("4hello")]
    [InlineData("abc")]
    public async Task ProbeThatIsNone_ClosesTheWebSocketAndLeavesTheSession(string probe)
    {
        var session = await PollingClient.OpenAsync(target);
        await using var socket = await WebSocketEngineClient.ConnectAsync(target, session);

        await socket.SendAsync(probe);

        Assert.Null(await socket.NextFrameAsync());
        await session.SendAsync("4still polling");
        await session.ExpectAsync("4still polling");
    }

    [Fact]
    public async Task WebSocketThatGoesBeforeTheUpgrade_LeavesTheSession()
    {
        var session = await PollingClient.OpenAsync(target);
        await using (var socket = await WebSocketEngineClient.ConnectAsync(target, session))
        {
            await socket.SendAsync("2probe");
            Assert.Equal("3probe", await socket.NextFrameAsync());
        }

        await session.SendAsync("4still polling");
        await session.ExpectAsync("4still polling");
    }

    [Fact]
    public async Task UpgradedWebSocketThatGoes_EndsTheSession()
    {
        var session = await PollingClient.OpenAsync(target);
        await using (var socket = await UpgradeAsync(session))
        {
            await socket.SendAsync("4hello");
            await socket.ExpectAsync("4hello");
            await socket.Socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);
        }

        using var deadline = Deadline.Start();
        while (true)
        {
            using var response = await session.GetAsync();
            if ((await response.Content.ReadAsStringAsync(deadline.Token)).Contains("\"code\":1", StringComparison.Ordinal))
            {
                break;
            }

            await Task.Delay(20, deadline.Token);
        }
    }

    [Fact]
    public async Task ManyMessagesInFlight_NoneIsLostDoubledOrMoved()
    {
        for (var round = 0; round < 10; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 5).Select(i => UpgradeInTrafficAsync(new Random(round * 5 + i))));
        }
    }

    private async Task<WebSocketEngineClient> UpgradeAsync(PollingClient session)
    {
        var socket = await WebSocketEngineClient.ConnectAsync(target, session);
        await socket.SendAsync("2probe");
        Assert.Equal("3probe", await socket.NextFrameAsync());
        await socket.SendAsync("5");
        return socket;
    }

    private async Task AssertClosedAsync(PollingClient session)
    {
        await using var second = await WebSocketEngineClient.ConnectAsync(target, session);
        await second.SendAsync("2probe");
        Assert.Null(await second.NextFrameAsync());
    }

    /// <summary>A client by the book: it polls and posts until the probe is answered, lets both end, and goes on upon the WebSocket.</summary>
    private async Task UpgradeInTrafficAsync(Random random)
    {
        const int count = 300;
        var session = await PollingClient.OpenAsync(target);
        var probed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var received = new List<string>();
        var sent = 0;

        async Task PollAsync()
        {
            while (!probed.Task.IsCompleted)
            {
                received.AddRange((await session.PollAsync()).Split(Packets.Separator).Where(packet => packet != "6"));
            }
        }

        async Task PostAsync()
        {
            while (!probed.Task.IsCompleted && sent < count / 2)
            {
                var burst = Math.Min(random.Next(1, 8), count / 2 - sent);
                await session.SendAsync([.. Enumerable.Range(sent, burst).Select(Message)]);
                sent += burst;
            }
        }

        var polling = PollAsync();
        var posting = PostAsync();
        await Task.Delay(random.Next(0, 15), TestContext.Current.CancellationToken);
        await using var socket = await WebSocketEngineClient.ConnectAsync(target, session);
        await socket.SendAsync("2probe");
        Assert.Equal("3probe", await socket.NextFrameAsync());
        probed.SetResult();
        await Task.WhenAll(polling, posting).WaitAsync(Deadline.Default, TestContext.Current.CancellationToken);
        await socket.SendAsync("5");
        await socket.SendAsync([.. Enumerable.Range(sent, count - sent).Select(Message)]);
        while (received.Count < count)
        {
            received.Add(await socket.ExpectAsync());
        }

        Assert.Equal(Enumerable.Range(0, count).Select(Message), received);
    }

    private static string Message(int i) => i % 5 == 0 ? "b" + Convert.ToBase64String(BitConverter.GetBytes(i)) : $"4message {i}";
}
