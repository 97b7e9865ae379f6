using Cluster.Tests.Specs;
using Microsoft.Extensions.DependencyInjection;
using SocketIO.AdapterSpecs.Running;
using StackExchange.Redis;
using StickyAspire.SocketIO;
using StickyAspire.SocketIO.Redis;
using StickyAspire.TestSupport;

namespace Cluster.Tests.Outages;

/// <summary>The streams adapter when Redis dies: what was sent meanwhile, what Redis forgot, and clients that come back just then.</summary>
public sealed class StreamsOutageTests(RedisFixture fixture) : IClassFixture<RedisFixture>, IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly string _stream = $"stream {Guid.NewGuid():N}";
    private readonly List<SpecServer> _servers = [];
    private readonly List<SpecClient> _clients = [];

    private RedisProcess Redis => fixture.Process;

    public async ValueTask InitializeAsync()
    {
        await AddServerAsync(Redis);
        await AddServerAsync(Redis);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            await client.DisposeAsync();
        }

        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task ClientThatHadEventsEarly_ComesBackAtOnce_AndGetsThemNotAgain(int rescuer)
    {
        var client = await ConnectAsync(_servers[0]);
        await Redis.KillAsync();
        try
        {
            for (var n = 0; n < 50; n++)
            {
                await _servers[0].IO.EmitAsync("number", n);
            }

            await Eventually.TrueAsync(() => client.Received("number").Count == 50, () => "the client had the events at once");
        }
        finally
        {
            await Redis.StartAgainAsync();
        }

        await WaitUntilTogetherAsync(_servers[rescuer]);
        client.Abort();
        var back = await ReturnAsync(client, _servers[rescuer]);
        await _servers[0].IO.EmitAsync("number", 50);
        await _servers[1].IO.EmitAsync("number", 51);

        await Eventually.TrueAsync(() => back.Received("number").Count >= 2, () => "what came after reached it", Limit);
        Assert.Equal(client.Id, back.Id);
        Assert.Equal([50, 51], back.Received("number").Select(one => one.Number).Order());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task ClientThatWasAwayDuringTheOutage_GetsAllThatWasSent_Once(int rescuer)
    {
        var client = await ConnectAsync(_servers[0]);
        client.Abort();
        await Eventually.TrueAsync(() => !_servers[0].IO.Sockets.ContainsKey(client.Id), () => "the server noticed");
        await Redis.KillAsync();
        try
        {
            for (var n = 0; n < 50; n++)
            {
                await _servers[n % 2].IO.EmitAsync("number", n);
            }
        }
        finally
        {
            await Redis.StartAgainAsync();
        }

        await WaitUntilTogetherAsync(_servers[rescuer]);
        var back = await ReturnAsync(client, _servers[rescuer]);

        await Eventually.TrueAsync(() => back.Received("number").Count >= 50, () => $"all came; {back.Received("number").Count} did", Limit);
        Assert.Equal(client.Id, back.Id);
        Assert.Equal(Enumerable.Range(0, 50), back.Received("number").Select(one => one.Number).Order());
        Assert.All(new[] { 0, 1 }, server => Assert.Equal(
            Enumerable.Range(0, 50).Where(n => n % 2 == server), back.Received("number").Select(one => one.Number).Where(n => n % 2 == server)));
    }

    [Fact]
    public async Task WhatRedisConfirmedAndForgot_IsWrittenAgain_InOrderAndOnce()
    {
        const int Count = 200;

        // Without persistence.
        await using var redis = await RedisProcess.StartAsync();
        var server = await AddServerAsync(redis);
        var other = await AddServerAsync(redis);
        await WaitUntilTogetherAsync(server);
        var client = await ConnectAsync(other);

        // All at once, so that Redis' confirmations come at once too, and on several threads.
        await Task.WhenAll(Enumerable.Range(0, Count).Select(n => server.IO.EmitAsync("number", n).AsTask()));
        await Eventually.TrueAsync(() => client.Received("number").Count == Count, () => "all came");
        var before = await ReadNumbersAsync(redis);
        Assert.True(before.Count >= Count);

        await redis.KillAsync();
        await redis.StartAgainAsync();

        await Eventually.TrueAsync(async () => (await ReadNumbersAsync(redis)).Count >= before.Count, () => "the entries are there again", Limit);
        await server.IO.EmitAsync("number", Count);
        await Eventually.TrueAsync(() => client.Received("number").Any(one => one.Number == Count), () => "the next one came", Limit);
        Assert.Equal(Enumerable.Range(0, Count + 1), client.Received("number").Select(one => one.Number));
        Assert.All((await ReadNumbersAsync(redis)).GroupBy(one => one.Uid), one => Assert.Equal(one.OrderBy(entry => entry.Number), one));
    }

    [Fact]
    public async Task RedisThatAnswersNothing_IsAway_AndNothingIsLostOrDoubled()
    {
        var here = await ConnectAsync(_servers[0]);
        var there = await ConnectAsync(_servers[1]);
        Redis.SetFrozen(true);
        try
        {
            var emitting = Enumerable.Range(0, 20).Select(n => _servers[0].IO.EmitAsync("number", n).AsTask()).ToArray();

            // Sooner than any command would time out.
            await Eventually.TrueAsync(() => here.Received("number").Count == 20, () => "the server's own clients were served", TimeSpan.FromSeconds(4.5));
            await Task.WhenAll(emitting);
        }
        finally
        {
            Redis.SetFrozen(false);
        }

        await _servers[0].IO.EmitAsync("number", 20);
        await Eventually.TrueAsync(() => there.Received("number").Any(one => one.Number == 20), () => "the others get all of it", Limit);
        Assert.Equal(Enumerable.Range(0, 21), here.Received("number").Select(one => one.Number));
        Assert.Equal(Enumerable.Range(0, 21), there.Received("number").Select(one => one.Number));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task WhatWasWrittenTwice_ForFearOfALoss_DoesNotComeAgain_ToAClientThatComesBack(int rescuer)
    {
        const int Count = 20;
        await using var relay = new RedisRelay(Redis);
        var sender = await AddServerAsync(relay.ConnectionString);
        await WaitUntilTogetherAsync(sender);
        var client = await ConnectAsync(_servers[1]);

        // Redis does what it is told, and the sender never hears of it.
        relay.LoseAnswers();
        var emitting = Enumerable.Range(0, Count).Select(n => sender.IO.EmitAsync("number", n).AsTask()).ToArray();
        await Eventually.TrueAsync(() => client.Received("number").Count == Count, () => "the client has them", Limit);
        client.Abort();
        relay.Break();
        await Task.WhenAll(emitting);
        await Eventually.TrueAsync(
            async () => (await ReadNumbersAsync(Redis)).GroupBy(entry => entry).Count(entry => entry.Count() > 1) >= Count, () => "the entries are there twice", Limit);

        var back = await ReturnAsync(client, _servers[rescuer]);
        await sender.IO.EmitAsync("number", Count);

        await Eventually.TrueAsync(() => back.Received("number").Any(one => one.Number == Count), () => "the next one came", Limit);
        Assert.Equal(client.Id, back.Id);
        Assert.Equal([Count], back.Received("number").Select(one => one.Number));
    }

    [Fact]
    public async Task SessionsOfLivingClients_AreInRedisAgain_WhenItCameBackEmpty()
    {
        await using var redis = await RedisProcess.StartAsync();
        var server = await AddServerAsync(redis);
        await ConnectAsync(server);
        await redis.KillAsync();
        await redis.StartAgainAsync();

        // Well before the next refresh, which a session that lasts two minutes is due for every minute.
        await using var connection = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        await Eventually.TrueAsync(
            () => connection.GetServers()[0].Keys(pattern: "sio:session:*").Any(), () => "the session is there again", TimeSpan.FromSeconds(30));
    }

    private Task<SpecServer> AddServerAsync(RedisProcess redis) => AddServerAsync(redis.ConnectionString);

    private async Task<SpecServer> AddServerAsync(string connectionString)
    {
        var server = await SpecServer.StartAsync(
            builder => builder.AddStackExchangeRedis(connectionString, options =>
            {
                options.Mode = RedisAdapterMode.Streams;
                options.StreamName = _stream;
                options.ChannelPrefix = _stream;
            }),
            options => options.ConnectionStateRecovery = new ConnectionStateRecoveryOptions());
        _servers.Add(server);
        return server;
    }

    /// <summary>A client that has had an event, so that it can say where it stopped.</summary>
    private async Task<SpecClient> ConnectAsync(SpecServer server)
    {
        await WaitUntilTogetherAsync(server);
        var client = await SpecClient.ConnectAsync(server);
        _clients.Add(client);
        await Eventually.TrueAsync(
            async () =>
            {
                await server.IO.EmitAsync("first", "");
                return client.Offset is { } offset && !offset.Contains('+', StringComparison.Ordinal);
            },
            () => "the client has had an event that has its place");
        return client;
    }

    private async Task<SpecClient> ReturnAsync(SpecClient before, SpecServer server)
    {
        var client = await SpecClient.ReturnAsync(before, server);
        _clients.Add(client);
        return client;
    }

    /// <summary>Waits until the server reaches Redis, whether it has caught up or not.</summary>
    private static Task WaitUntilTogetherAsync(SpecServer server) => Eventually.TrueAsync(
        async () =>
        {
            try
            {
                return await server.IO.ServerCountAsync() >= 1;
            }
            catch (TimeoutException)
            {
                return false;
            }
        },
        () => "the server reaches Redis",
        Limit);

    private async Task<List<(string Uid, long Number)>> ReadNumbersAsync(RedisProcess redis)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        return [.. (await connection.GetDatabase().StreamRangeAsync(_stream)).Select(entry => ((string)entry["uid"]!, (long)entry["n"]))];
    }
}
