using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using StickyAspire.Yarp.Model;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;
using Yarp.Tests.Environment;

namespace Yarp.Tests.Forwarding;

/// <summary>HAProxy's <c>retries</c> and <c>retry-on conn-failure</c>, with servers that are really not there.</summary>
public sealed class RetryTests : GatewayTest
{
    [Fact]
    public async Task RetryOn_ConnFailure_ANewSessionGoesToAnotherServer()
    {
        var gateway = await StartAsync(Unwatched());
        await S1.StopAsync();
        await S2.StopAsync();

        for (var i = 0; i < 6; i++)
        {
            var answer = await gateway.Client.SendAsync();
            Assert.Equal((HttpStatusCode.OK, "s3", "s3"), (answer.Status, answer.Server, answer.CookieValue()));
        }

        Assert.True(Status(gateway, "s1") is { ConnectErrors: > 0, Retries: > 0 } status && status.Redispatches == status.Retries);
    }

    [Fact]
    public async Task RetryOn_ConnFailure_ABodyThatNobodyHasReadGoesAlong()
    {
        var gateway = await StartAsync(Unwatched());
        await S1.StopAsync();
        await S2.StopAsync();
        using var client = new HttpClient();
        for (var i = 0; i < 4; i++)
        {
            using var response = await client.PostAsync(
                new Uri($"http://127.0.0.1:{gateway.Port}/?echo"), new StringContent(new string('x', 100_000)), TestContext.Current.CancellationToken);
            Assert.Equal("s3", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task RetryOn_ConnFailure_AWebSocketToo()
    {
        var gateway = await StartAsync(Unwatched());
        await S1.StopAsync();
        await S3.StopAsync();

        for (var i = 0; i < 4; i++)
        {
            var (socket, server) = await gateway.Client.ConnectAsync();
            socket.Dispose();
            Assert.Equal("s2", server);
        }
    }

    [Fact]
    public async Task RetryOn_ConnFailure_ACookiesSessionIsRedispatched()
    {
        var gateway = await StartAsync(Unwatched());
        await S1.StopAsync();

        var answer = await gateway.Client.SendAsync(cookie: "SERVERID=s1");

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(answer.Server, answer.CookieValue());
    }

    [Fact]
    public async Task RetryOn_ConnFailure_ASessionIdsIsNot()
    {
        var gateway = await StartAsync(Unwatched());
        await S1.StopAsync();

        Assert.Equal(HttpStatusCode.BadGateway, (await gateway.Client.SendAsync("/socket.io/?sid=s1.abc")).Status);
        Assert.Equal(0, S2.Total + S3.Total);
    }

    [Fact]
    public async Task RetryOn_ConnFailure_WhereALostServersSessionsGet503_NoneMoves()
    {
        var gateway = await StartAsync(Unwatched(("Persist.OnFailure", "Status503")));
        await S1.StopAsync();

        Assert.Equal(HttpStatusCode.BadGateway, (await gateway.Client.SendAsync(cookie: "SERVERID=s1")).Status);
        Assert.Equal(0, S2.Total + S3.Total);
    }

    [Theory]
    [InlineData("Retry.On", "None")]
    [InlineData("Retry.Count", "0")]
    public async Task Retries_SwitchedOff_TheFailureIsTold(string key, string value)
    {
        var gateway = await StartAsync(Unwatched((key, value)) with { LoadBalancing = "First" });
        await S1.StopAsync();

        Assert.Equal(HttpStatusCode.BadGateway, (await gateway.Client.SendAsync()).Status);
    }

    [Fact]
    public async Task Retries_EndWhereNoServerIsLeft()
    {
        var gateway = await StartAsync(Unwatched());
        await S1.StopAsync();
        await S2.StopAsync();
        await S3.StopAsync();

        Assert.Equal(HttpStatusCode.BadGateway, (await gateway.Client.SendAsync()).Status);
        Assert.Equal(3, new[] { "s1", "s2", "s3" }.Sum(id => Status(gateway, id).ConnectErrors));
    }

    [Fact]
    public async Task AnswersOf5xx_AreNotTriedAgain()
    {
        var gateway = await StartAsync(Unwatched());
        S1.Status = S2.Status = S3.Status = 500;

        Assert.Equal(HttpStatusCode.InternalServerError, (await gateway.Client.SendAsync()).Status);
        Assert.Equal(1, S1.Total + S2.Total + S3.Total);
    }

    [Fact]
    public async Task SlotsOfMaxconn_AreGivenBackByAttemptsThatFailed()
    {
        var gateway = await StartAsync(Unwatched(("Admission.MaxConn", "1")) with { LoadBalancing = "First" });
        await S1.StopAsync();

        for (var i = 0; i < 5; i++)
        {
            Assert.Equal("s2", (await gateway.Client.SendAsync()).Server);
        }
    }

    [Fact]
    public async Task PassiveHealth_JudgesEachAttemptOnce_ByTheServerThatItAsked()
    {
        var policy = new RecordingHealthPolicy();
        var passive = new HealthCheckConfig { Passive = new PassiveHealthCheckConfig { Enabled = true, Policy = policy.Name } };
        var gateway = await StartAsync(
            Unwatched() with { LoadBalancing = "First", HealthCheck = passive }, configure: proxy => proxy.Services.AddSingleton<IPassiveHealthCheckPolicy>(policy));
        await S1.StopAsync();

        Assert.Equal("s2", (await gateway.Client.SendAsync()).Server);

        await Eventually.TrueAsync(() => policy.Judged.Count >= 2, "both attempts are judged");
        Assert.Equal(["s1 Request", "s2 none"], policy.Judged);
        Assert.Equal((0, 0), (Status(gateway, "s1").CurrentSessions, Status(gateway, "s2").CurrentSessions));
    }

    [Fact]
    public async Task LastServer_ThatDrains_GetsNoNewSession_ButTheOldOnes()
    {
        var gateway = await StartAsync(Unwatched(), upstreams: [S1]);
        Status(gateway, "s1").SetStates(AdministrativeState.Drain, OperationalState.Up, DateTimeOffset.UtcNow);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await gateway.Client.SendAsync()).Status);
        Assert.Equal("s1", (await gateway.Client.SendAsync(cookie: "SERVERID=s1")).Server);
        Assert.Equal("s1", (await gateway.Client.SendAsync("/?sid=s1.abc")).Server);
    }

    [Fact]
    public async Task Sessions_AreCounted_WebSocketsForAsLongAsTheyLast()
    {
        var gateway = await StartAsync(Unwatched(), upstreams: [S1]);
        await gateway.Client.SendAsync();
        var (one, _) = await gateway.Client.ConnectAsync();
        var (other, _) = await gateway.Client.ConnectAsync();
        var status = Status(gateway, "s1");
        Assert.Equal((2, 2, 3L), (status.CurrentSessions, status.MaxSessions, status.TotalSessions));

        one.Dispose();
        other.Dispose();

        await Eventually.TrueAsync(() => status.CurrentSessions == 0, "the sessions have ended");
        Assert.Equal((2, 3L), (status.MaxSessions, status.TotalSessions));
    }

    /// <summary>Without passive checks, which would take a server out of the list after its first failure.</summary>
    private static ClusterSettings Unwatched(params (string Key, string Value)[] metadata) => new()
    {
        Metadata = metadata.ToDictionary(each => each.Key, each => each.Value),
        HealthCheck = new HealthCheckConfig(),
    };

    private static ServerStatus Status(Gateway gateway, string server) => gateway.Services.GetRequiredService<ServerRegistry>().Get(ClusterSettings.ClusterId, server);

    /// <summary>Writes down whom it has to judge, and by what error.</summary>
    private sealed class RecordingHealthPolicy : IPassiveHealthCheckPolicy
    {
        public string Name => "Recording";

        public ConcurrentQueue<string> Judged { get; } = new();

        public void RequestProxied(HttpContext context, ClusterState cluster, DestinationState destination) =>
            Judged.Enqueue($"{destination.DestinationId} {context.Features.Get<IForwarderErrorFeature>()?.Error.ToString() ?? "none"}");
    }
}
