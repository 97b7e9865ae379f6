using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StickyAspire.SocketIO;

namespace SocketIO.Tests.Server;

/// <summary>A WebSocket's connection leaves HTTP: the request ends at the upgrade, and nothing of it stays.</summary>
public sealed class DetachedConnectionTests
{
    private const int GoingThrough = 20;

    [Fact]
    public async Task Request_EndsAtTheUpgrade_AndItsMemoryIsFreed()
    {
        var requests = new WatchedRequests();
        await using var server = await TestServer.StartAsync(map: Echo, use: requests.Watch);
        using var client = await RawClient.OpenAsync(server.Url, "40");
        await client.JoinedAsync();

        await Eventually.TrueAsync(() => requests.Ended == 1, "the request has ended");
        await Eventually.TrueAsync(() => requests.AreCollected, "Kestrel's request is collected");
        await EchoesAsync(client);
        Assert.Equal(1, server.SessionCount);
    }

    [Fact]
    public async Task Upgrade_FromPolling_EndsItsRequestToo()
    {
        var requests = new WatchedRequests();
        await using var server = await TestServer.StartAsync(use: requests.Watch);
        using var http = new HttpClient { BaseAddress = server.Url };
        var open = await http.GetStringAsync(PollingClient.Path, TestContext.Current.CancellationToken);
        var sid = System.Text.Json.JsonElement.Parse(open[1..]).GetProperty("sid").GetString();
        using var client = await RawClient.OpenAsync(new Uri(server.Url, $"/socket.io/?EIO=4&transport=websocket&sid={sid}"), "2probe");
        await client.ReadHeadersAsync();
        Assert.Equal("3probe", await client.ReadTextAsync());

        await Eventually.TrueAsync(() => requests.Ended == 1, "the request has ended");
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Request_StaysForItsSession_WhereTlsOrALimitNeedsIt(bool isTls, bool isLimited)
    {
        using var key = RSA.Create(2048);
        using var certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var requests = new WatchedRequests();
        await using var server = await TestServer.StartAsync(map: Echo, use: requests.Watch, kestrel: options =>
        {
            options.Limits.MaxConcurrentUpgradedConnections = isLimited ? 1 : null;
            if (isTls)
            {
                options.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate));
            }
        });
        using (var client = await RawClient.OpenAsync(server.Url, "40"))
        {
            await client.JoinedAsync();
            await EchoesAsync(client);

            Assert.Equal(0, requests.Ended);
            Assert.False(requests.AreCollected);
            if (isLimited)
            {
                using var other = await RawClient.OpenAsync(server.Url);
                Assert.StartsWith("HTTP/1.1 500", await other.ReadHeadersAsync(), StringComparison.Ordinal);
            }
        }

        await Eventually.TrueAsync(() => requests.Ended == 1, "the request has ended");
    }

    [Fact]
    public async Task Frames_ThatCameWithTheRequest_AreNotLost()
    {
        await using var server = await TestServer.StartAsync(map: Echo);
        var texts = Enumerable.Range(0, GoingThrough).Select(i => $"42{i}[\"echo\",\"{i}\"]");
        using var client = await RawClient.OpenAsync(server.Url, ["40", .. texts]);
        await client.JoinedAsync();

        for (var i = 0; i < GoingThrough; i++)
        {
            Assert.Equal($"43{i}[\"{i}\"]", await client.ReadTextAsync());
        }
    }

    [Fact]
    public async Task Message_OfManyReads_ComesWhole()
    {
        await using var server = await TestServer.StartAsync(options => options.Engine.MaxHttpBufferSize = 4_000_000, map: Echo);
        await using var client = await server.ConnectAsync();
        var text = string.Create(1_500_000, 0, static (span, _) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = (char)('a' + (i % 26));
            }
        });

        await client.SendAsync($"421[\"echo\",\"{text[..1_000_000]}\"]");

        Assert.Equal($"431[\"{text[..1_000_000]}\"]", await client.ReceiveAsync());
    }

    [Fact]
    public async Task WhatMiddlewareDoesAfterTheUpgrade_ReachesNoSession()
    {
        await using var server = await TestServer.StartAsync(map: Echo, use: app => app.Use(async (context, next) =>
        {
            var upgrade = context.Features.Get<IHttpUpgradeFeature>();
            await next();
            if (upgrade is { IsUpgradableRequest: true })
            {
                await context.Response.WriteAsync("Not for a WebSocket.");
                await context.Response.BodyWriter.FlushAsync();
                context.Abort();
                throw new InvalidOperationException("Not for a WebSocket either.");
            }
        }));
        using var client = await RawClient.OpenAsync(server.Url, "40");

        await client.JoinedAsync();
        await EchoesAsync(client);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Client_ThatGoes_EndsItsSession_AndWhatWaitsForTheConnection(bool resets)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await TestServer.StartAsync(use: app => app.Use(async (context, next) =>
        {
            await next();
            if (context.Response.StatusCode == StatusCodes.Status101SwitchingProtocols)
            {
                context.Features.GetRequiredFeature<IConnectionCompleteFeature>().OnCompleted(
                    _ =>
                    {
                        ended.SetResult();
                        return Task.CompletedTask;
                    },
                    this);
            }
        }));
        var client = await RawClient.OpenAsync(server.Url, "40");
        await client.JoinedAsync();
        Assert.False(ended.Task.IsCompleted);

        if (resets)
        {
            client.Reset();
        }

        client.Dispose();

        await Eventually.TrueAsync(() => server.SessionCount == 0, "the session has ended");
        await ended.Task.WaitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Sessions_ThatHaveEnded_LeaveNothingOfTheirConnections()
    {
        const int Sessions = 300;

        // .NET keeps the last one here and there, as what accepted it does.
        const int Remembered = 5;
        var requests = new WatchedRequests();
        await using var server = await TestServer.StartAsync(map: Echo, use: requests.Watch);
        await Parallel.ForAsync(0, Sessions, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = TestContext.Current.CancellationToken }, async (i, _) =>
        {
            using var client = await RawClient.OpenAsync(server.Url, "40");
            await client.JoinedAsync();
            if (i % 2 == 0)
            {
                client.Reset();
            }
        });

        await Eventually.TrueAsync(() => server.SessionCount == 0 && requests.Ended == Sessions, "all have ended");
        await Eventually.TrueAsync(() => requests.AreCollected && requests.SocketsInMemory <= Remembered, "requests and sockets are collected");
    }

    [Fact]
    public async Task Client_ThatDoesNotAnswerTheClose_IsCutOff()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        await using var server = await TestServer.StartAsync(build: builder => builder.Services.AddSingleton<TimeProvider>(time));
        using var client = await RawClient.OpenAsync(server.Url, "40");
        await client.JoinedAsync();

        await server.IO.DisconnectSocketsAsync(close: true);
        Assert.Equal("41", await client.ReadTextAsync());
        Assert.Equal((8, 1000), await client.ReadCloseAsync());
        time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(0, await client.ReadToEndAsync());
    }

    [Fact]
    public async Task Shutdown_ClosesSessions_AndWaitsForTheirEnd()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await RawClient.OpenAsync(server.Url, "40");
        await client.JoinedAsync();

        var stopped = server.Services.GetRequiredService<IHost>().StopAsync(TestContext.Current.CancellationToken);
        Assert.Equal((8, 1000), await client.ReadCloseAsync());
        Assert.False(stopped.IsCompleted);
        await client.Stream.WriteAsync((byte[])[0x88, 0x82, 0, 0, 0, 0, 0x03, 0xE8], TestContext.Current.CancellationToken);

        Assert.Equal(0, await client.ReadToEndAsync());
        await stopped;
    }

    [Fact]
    public async Task Shutdown_WaitsForASilentClient_NoLongerThanItsTime()
    {
        var patience = TimeSpan.FromSeconds(1);
        await using var server = await TestServer.StartAsync(build: builder => builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = patience));
        using var client = await RawClient.OpenAsync(server.Url, "40");
        await client.JoinedAsync();

        var began = Stopwatch.GetTimestamp();
        await server.Services.GetRequiredService<IHost>().StopAsync(TestContext.Current.CancellationToken);

        Assert.InRange(Stopwatch.GetElapsedTime(began), patience * 0.9, TimeSpan.FromSeconds(4.5));
        Assert.Equal((8, 1000), await client.ReadCloseAsync());
        Assert.Equal(0, await client.ReadToEndAsync());
    }

    [Fact]
    public async Task Spans_OfEvents_StayChildrenOfTheRequest()
    {
        var nsp = "/" + Guid.NewGuid().ToString("N");
        var request = "";
        Activity? process = null;
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "StickyAspire.SocketIO" or "Microsoft.AspNetCore",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => process = activity.DisplayName == $"process {nsp}" ? activity : process,
        };
        ActivitySource.AddActivityListener(listener);
        await using var server = await TestServer.StartAsync(map: io => Echo(io.Of(nsp)), use: app => app.Use((context, next) =>
        {
            request = Activity.Current!.Id!;
            return next();
        }));
        await using var client = await server.ConnectAsync(nsp);

        await client.SendAsync($$"""42{{nsp}},1["echo","x"]""");
        await client.ExpectAsync($$"""43{{nsp}},1["x"]""");

        await Eventually.TrueAsync(() => process is not null, "the event's span has ended");
        Assert.Equal(request, process!.ParentId);
    }

    private static void Echo(ISocketIONamespace nsp) => nsp.OnConnection(socket => socket.On("echo", (string text) => text));

    private static void Echo(ISocketIOServer io) => Echo(io.Of("/"));

    private static async Task EchoesAsync(RawClient client)
    {
        for (var i = 0; i < GoingThrough; i++)
        {
            await client.WriteTextAsync($"42{i}[\"echo\",\"{i}\"]");
            Assert.Equal($"43{i}[\"{i}\"]", await client.ReadTextAsync());
        }
    }
}
