using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using StickyAspire.Yarp.Tunnels.Handshake;

namespace Yarp.Tests.Tunnels;

public sealed class AddressCacheTests
{
    private const string Host = "localhost";

    private static readonly IPAddress Other = IPAddress.Parse("127.0.0.9");

    private readonly FakeTimeProvider _time = new();
    private readonly AddressCache _cache;

    public AddressCacheTests() => _cache = new AddressCache(_time);

    [Fact]
    public async Task Name_IsAskedForOnceInTenSeconds()
    {
        var asked = await ResolveAsync();
        Assert.All(asked, address => Assert.True(IPAddress.IsLoopback(address)));

        _time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.Same(asked, await ResolveAsync());
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.NotSame(asked, await ResolveAsync());
    }

    [Fact]
    public async Task Address_ThatWorked_IsFirst_UntilItIsGone()
    {
        var asked = await ResolveAsync();
        _cache.Prefer(Host, Other);
        Assert.Equal([Other, .. asked], await ResolveAsync());

        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(asked, await ResolveAsync());
        _cache.Prefer(Host, asked[^1]);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(asked[^1], (await ResolveAsync())[0]);
    }

    [Fact]
    public async Task Name_WhoseAddressesDoNotWork_IsAskedForAgain()
    {
        var asked = await ResolveAsync();
        _cache.Doubt(Host);
        Assert.NotSame(asked, await ResolveAsync());
    }

    [Fact]
    public async Task Address_IsItsOwn_AndAnUnknownName_AnError()
    {
        Assert.Equal([Other], await _cache.ResolveAsync("127.0.0.9", TestContext.Current.CancellationToken));
        await Assert.ThrowsAnyAsync<SocketException>(async () => await _cache.ResolveAsync("no-such-host.invalid", TestContext.Current.CancellationToken));
    }

    private async Task<IPAddress[]> ResolveAsync() => await _cache.ResolveAsync(Host, TestContext.Current.CancellationToken);
}
