using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using StickyAspire.SocketIO;

namespace SocketIO.Tests.Server;

/// <summary>The heartbeat, by a clock that the test moves.</summary>
public sealed class HeartbeatTests
{
    [Fact]
    public async Task ClientThatTalksInsteadOfAnswering_GetsMoreTime_Once()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var events = 0;
        var reason = new TaskCompletionSource<string>();
        await using var server = await TestServer.StartAsync(
            build: builder => builder.Services.AddSingleton<TimeProvider>(clock),
            map: io => io.OnConnection(socket =>
            {
                socket.On("x", () => Interlocked.Increment(ref events));
                socket.OnDisconnect(reason.SetResult);
            }));
        await using var client = await server.ConnectAsync();
        await TalkAsync(1);

        clock.Advance(TimeSpan.FromSeconds(25));
        clock.Advance(TimeSpan.FromSeconds(19));
        await TalkAsync(2);
        clock.Advance(TimeSpan.FromSeconds(19));
        await TalkAsync(3);
        Assert.Equal(1, server.SessionCount);
        clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal("ping timeout", await reason.Task.WaitAsync(TestContext.Current.CancellationToken));

        async Task TalkAsync(int count)
        {
            await client.SendAsync("""42["x"]""");
            await Eventually.TrueAsync(() => events == count, "the event is handled");
        }
    }

    [Fact]
    public async Task LatePing_LeavesTheClientThatGetsItItsWholeTime_AndNoOther()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await TestServer.StartAsync(
            options => options.ConnectTimeout = TimeSpan.FromHours(1), build: builder => builder.Services.AddSingleton<TimeProvider>(clock));
        using var http = new HttpClient { BaseAddress = server.Url };
        await using var client = await server.ConnectAsync();
        var absent = await PollingClient.OpenAsync(http);

        // The timers of both run ten seconds late: the pings were due after 25.
        clock.Advance(TimeSpan.FromSeconds(35));
        clock.Advance(TimeSpan.FromSeconds(11));
        using var answer = await absent.GetAsync();
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, answer.StatusCode);

        clock.Advance(TimeSpan.FromSeconds(8));
        Assert.Equal(1, server.SessionCount);
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(0, server.SessionCount);
    }

    [Fact]
    public async Task Pings_KeepTheirBeat_HoweverLongThePongsTake()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await TestServer.StartAsync(
            options => options.ConnectTimeout = TimeSpan.FromHours(1), build: builder => builder.Services.AddSingleton<TimeProvider>(clock));
        using var http = new HttpClient { BaseAddress = server.Url };
        var client = await PollingClient.OpenAsync(http);

        clock.Advance(TimeSpan.FromSeconds(25));
        Assert.Equal("2", await client.PollAsync());
        clock.Advance(TimeSpan.FromSeconds(19));
        using var pong = await client.PostAsync("3");

        clock.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal("2", await client.PollAsync());
    }

    [Fact]
    public async Task ClientThatNeverJoins_IsGivenUpByTheConnectTimeout()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await TestServer.StartAsync(
            options => options.Engine.PingInterval = TimeSpan.FromMinutes(5), build: builder => builder.Services.AddSingleton<TimeProvider>(clock));
        await using var client = await TestClient.OpenAsync(server.Url);

        // The open packet is on its way before the time begins to run; an answer shows that it runs.
        await client.SendAsync("40/nowhere,");
        Assert.StartsWith("44/nowhere,", await client.ReceiveAsync(), StringComparison.Ordinal);

        clock.Advance(TimeSpan.FromSeconds(44));
        Assert.Equal(1, server.SessionCount);
        clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Null(await client.ReceiveAsync());
    }

    [Fact]
    public async Task TimerThatGoesOffTooSoon_NeitherPingsNorEnds_AndGoesOffAgainInTime()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await TestServer.StartAsync(build: builder => builder.Services.AddSingleton<TimeProvider>(clock));
        await using var client = await server.ConnectAsync();
        var session = (await server.GetSocketAsync(client)).Session;

        // The client answers nothing, since it does not read.
        session.OnHeartbeatTimer();
        clock.Advance(TimeSpan.FromSeconds(25));
        Assert.Equal(1, server.SessionCount);
        session.OnHeartbeatTimer();
        Assert.Equal(1, server.SessionCount);

        clock.Advance(TimeSpan.FromSeconds(20));
        await Eventually.TrueAsync(() => server.SessionCount == 0, "the silent client's session has ended");
    }
}
