using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;
using StickyAspire.TestSupport;
using StickyAspire.Yarp.Affinity;
using StickyAspire.Yarp.Redis;
using Yarp.ReverseProxy.Configuration;
using Yarp.Tests.Environment;

namespace Yarp.Tests.Affinity;

/// <summary>A stick table that gateways share.</summary>
public sealed class RedisStickTableTests : GatewayTest
{
    private readonly StickTableLimits _limits = new(10, TimeSpan.FromMinutes(30));

    [Fact]
    public async Task StickTable_InRedis_IsSharedByGateways_AndOutlivesAnOutage()
    {
        Assert.SkipUnless(RedisProcess.IsInstalled, "redis-server is not installed.");
        await using var redis = await RedisProcess.StartAsync();
        var settings = ClusterSettings.With("Stick.On=AppCookie:JSESSIONID") with { Affinity = new SessionAffinityConfig { Enabled = true, Policy = "Stick", AffinityKeyName = "JSESSIONID" } };
        await using var first = await Gateway.StartAsync(settings, Upstreams, proxy => proxy.AddRedisStickTables(redis.ConnectionString));
        await using var second = await Gateway.StartAsync(settings, Upstreams, proxy => proxy.AddRedisStickTables(redis.ConnectionString));
        await using var third = await Gateway.StartAsync(settings, Upstreams);

        var logins = new List<string>();
        for (var session = 0; session < 6; session++)
        {
            logins.Add((await first.Client.SendAsync($"/?set-cookie=JSESSIONID%3D{session}")).Server);
        }

        async Task<List<string>> ServersAsync(Gateway gateway)
        {
            var servers = new List<string>();
            for (var session = 0; session < logins.Count; session++)
            {
                servers.Add((await gateway.Client.SendAsync(cookie: $"JSESSIONID={session}")).Server);
            }

            return servers;
        }

        Assert.Equal(3, logins.Distinct().Count());
        Assert.Equal(logins, await ServersAsync(second));

        // Both have seen the sessions, so both go on without Redis. A gateway with a memory of its own had not.
        await redis.KillAsync();
        Assert.Equal(logins, await ServersAsync(first));
        Assert.Equal(logins, await ServersAsync(second));
        await third.Client.SendAsync();
        Assert.NotEqual(logins, await ServersAsync(third));

        await redis.StartAgainAsync();
        Assert.Equal(logins, await ServersAsync(first));
    }

    [Fact]
    public async Task Entry_ExpiresUnlessItIsUsed_AndHoldsNoSessionIdInTheClear()
    {
        Assert.SkipUnless(RedisProcess.IsInstalled, "redis-server is not installed.");
        await using var redis = await RedisProcess.StartAsync();
        await using var table = new RedisStickTable(redis.ConnectionString, TimeProvider.System, NullLogger<RedisStickTable>.Instance);
        await using var connection = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        var cancel = TestContext.Current.CancellationToken;
        var key = new StickTableKey("websockets", 42);

        Assert.Null(await table.FindAsync(key, _limits, cancel));
        await table.StoreAsync(key, "s2", _limits with { Expire = TimeSpan.FromMinutes(1) }, cancel);
        const string Name = "stickyaspire:stick:websockets:0000000000000000000000000000002a";
        Assert.InRange((await connection.GetDatabase().KeyTimeToLiveAsync(Name))!.Value.TotalSeconds, 1, 60);

        Assert.Equal("s2", await table.FindAsync(key, _limits, cancel));
        Assert.InRange((await connection.GetDatabase().KeyTimeToLiveAsync(Name))!.Value.TotalMinutes, 29, 30);
    }
}
