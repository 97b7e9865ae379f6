using Microsoft.Extensions.DependencyInjection;
using SocketIO.AdapterSpecs.Running;
using StickyAspire.SocketIO.Redis;
using StickyAspire.TestSupport;

namespace Cluster.Tests.Modes;

/// <summary>The pattern that broadcasts and requests come by, whatever characters the channels are named with.</summary>
public sealed class PubSubChannelTests(Specs.RedisFixture redis) : IClassFixture<Specs.RedisFixture>
{
    [Theory]
    [InlineData("socket.io", "/")]
    [InlineData("x", "/admin")]
    [InlineData("cafe", "/a*b?")]
    [InlineData("app[1]", "/[ab]^")]
    [InlineData(@"end\", @"/\d")]
    [InlineData("a^", "/^")]
    [InlineData("a-", "/-")]
    [InlineData("café", "/ünï")]
    [InlineData("😀", "/😀")]
    public async Task BroadcastsAndRequestsArrive_WhateverTheNames(string prefix, string nsp)
    {
        await using var one = await StartAsync(prefix, nsp);
        await using var other = await StartAsync(prefix, nsp);
        await using var client = await SpecClient.ConnectAsync(other, nsp);
        await Eventually.TrueAsync(async () => await one.IO.Of(nsp).ServerCountAsync() == 2, () => "both servers are there");

        await one.IO.Of(nsp).SocketsJoinAsync("room*");
        await one.IO.Of(nsp).To("room*").EmitAsync("in the room");
        await one.IO.Of(nsp).EmitAsync("to all");

        await Eventually.TrueAsync(() => client.Received("to all").Count == 1, () => "the broadcast arrived");
        Assert.Single(client.Received("in the room"));
    }

    [Theory]
    [InlineData("scope", "scop", "/", "/")]
    [InlineData("socket.io", "socket.i", "/", "/")]
    [InlineData("socket.io", "socket.input", "/", "/")]
    [InlineData("socket.io", "socket.it", "/", "/")]
    [InlineData("socket.io", "socket.io", "/", "/#/")]
    [InlineData("socket.io", "socket.io", "/a", "/*")]
    public async Task StrangersMessages_AreNotHeard(string prefix, string strangersPrefix, string nsp, string strangersNsp)
    {
        await using var server = await StartAsync(prefix, nsp);
        await using var stranger = await StartAsync(strangersPrefix, strangersNsp);
        await using var friend = await StartAsync(prefix, nsp);
        await using var client = await SpecClient.ConnectAsync(server, nsp);
        await Eventually.TrueAsync(
            async () =>
            {
                await friend.IO.Of(nsp).EmitAsync("hello");
                return client.Received("hello").Count > 0;
            },
            () => "the friend was heard first");

        await stranger.IO.Of(strangersNsp).EmitAsync("strange");
        await stranger.IO.Of(strangersNsp).DisconnectSocketsAsync();
        await stranger.IO.Of(strangersNsp).To("a room").EmitAsync("strange");
        await friend.IO.Of(nsp).EmitAsync("known");

        await Eventually.TrueAsync(() => client.Received("known").Count == 1, () => "the friend was heard");
        Assert.Empty(client.Received("strange"));
        Assert.False(client.WasDisconnected);
    }

    private async Task<SpecServer> StartAsync(string prefix, string nsp)
    {
        var server = await SpecServer.StartAsync(
            builder => builder.AddStackExchangeRedis(redis.Process.ConnectionString, options =>
            {
                options.Mode = RedisAdapterMode.PubSub;
                options.ChannelPrefix = prefix;
            }),
            _ => { });
        server.IO.Of(nsp);
        return server;
    }
}
