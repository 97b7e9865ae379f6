using System.Diagnostics;
using SocketIO.Tests.Conformance.Clients;
using SocketIO.Tests.Conformance.Targets;

namespace SocketIO.Tests.Conformance;

/// <summary>The server asks, the client answers, or is given up.</summary>
public sealed class EngineIoV4HeartbeatTests(HeartbeatTarget target)
{
    [Fact]
    public async Task Polling_PingsAgainAndAgain()
    {
        var session = await PollingClient.OpenAsync(target);
        var interval = session.Handshake.GetProperty("pingInterval").GetInt32();

        for (var i = 0; i < 3; i++)
        {
            var watch = Stopwatch.StartNew();
            Assert.Equal("2", await session.PollAsync());
            Assert.True(watch.ElapsedMilliseconds > interval / 2, $"The ping came after {watch.ElapsedMilliseconds} ms.");
            await session.SendAsync("3");
        }
    }

    [Fact]
    public async Task WebSocket_PingsAgainAndAgain()
    {
        await using var session = await WebSocketEngineClient.OpenAsync(target);
        var interval = session.Handshake.GetProperty("pingInterval").GetInt32();

        for (var i = 0; i < 3; i++)
        {
            var watch = Stopwatch.StartNew();
            Assert.Equal("2", await session.NextFrameAsync());
            Assert.True(watch.ElapsedMilliseconds > interval / 2, $"The ping came after {watch.ElapsedMilliseconds} ms.");
            await session.SendAsync("3");
        }
    }

    [Fact]
    public async Task Polling_WithoutPongIsGivenUp()
    {
        var session = await PollingClient.OpenAsync(target);
        Assert.Equal("2", await session.PollAsync());

        using var response = await session.GetAsync();

        // The poll that waited meanwhile is told; one that comes after the end is refused.
        if (response.IsSuccessStatusCode)
        {
            Assert.Equal("1", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }

        await session.UntilUnknownAsync();
    }

    [Fact]
    public async Task Polling_ThatNeverPollsIsGivenUp()
    {
        var session = await PollingClient.OpenAsync(target);

        await session.UntilUnknownAsync();
    }

    [Fact]
    public async Task WebSocket_WithoutPongIsGivenUp()
    {
        await using var session = await WebSocketEngineClient.OpenAsync(target);
        Assert.Equal("2", await session.NextFrameAsync());
        var watch = Stopwatch.StartNew();

        Assert.Null(await session.NextFrameAsync());

        Assert.True(watch.ElapsedMilliseconds > session.Handshake.GetProperty("pingTimeout").GetInt32() / 2);
    }

    [Fact]
    public async Task V3_IsNeverPinged()
    {
        await using var session = await WebSocketEngineClient.OpenAsync(target, revision: 3);

        for (var i = 0; i < 5; i++)
        {
            await session.SendAsync("2");
            Assert.Equal("3", await session.NextFrameAsync());
            await Task.Delay(150, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task V3_ThatNeverPingsIsGivenUp()
    {
        await using var session = await WebSocketEngineClient.OpenAsync(target, revision: 3);

        Assert.Null(await session.NextFrameAsync());
    }
}
