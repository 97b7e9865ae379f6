using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;
using Yarp.Tests.Tunnels.Running;

namespace Yarp.Tests.Tunnels;

/// <summary>What clients get where no tunnel comes about.</summary>
public class HandshakeTests
{
    private protected virtual bool ByTrunk => false;

    [Theory]
    [InlineData("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nContent-Length: 4\r\n\r\nwho?", "HTTP/1.1 401 Unauthorized", "who?")]
    [InlineData("HTTP/1.1 404 Not Here\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nnot\r\n5\r\n here\r\n0\r\nTrailer: t\r\n\r\n", "HTTP/1.1 404 Not Here", "3\r\nnot\r\n5\r\n here\r\n0\r\n")]
    [InlineData("HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\n\r\nto the end", "HTTP/1.1 500 Internal Server Error", "to the end")]
    [InlineData("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.1 200 OK", "ok")]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 204 No Content", "")]
    public async Task Refusal_PassesUnchanged(string answer, string status, string body)
    {
        using var server = new RawServer();
        await using var gateway = await Gateway.StartAsync([server.Url], byTrunk: ByTrunk);
        using var client = await RawConnection.AskAsync(gateway.Port, "Connection: close\r\n");
        using (var connection = await server.AcceptAsync())
        {
            await connection.ReceiveHeadAsync();
            await connection.SendAsync(answer);
        }

        var received = System.Text.Encoding.Latin1.GetString(await client.ReceiveToEndAsync());
        Assert.StartsWith(status + "\r\n", received, StringComparison.Ordinal);
        Assert.Contains(body, received, StringComparison.Ordinal);
        Assert.Contains("Set-Cookie: SERVERID=s1", received, StringComparison.Ordinal);
        Assert.DoesNotContain("Trailer", received, StringComparison.Ordinal);
        var counters = gateway.Registry.FindCounters(gateway.Server("s1"))!;
        Assert.Equal((1, 0, 0), (counters.Refused, counters.Failed, counters.Opened));
    }

    [Theory]
    [InlineData("HTTP/2.0 101 Switching Protocols\r\n\r\n")]
    [InlineData("HTTP/1.1 1o1 Switching Protocols\r\n\r\n")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nno colon\r\n\r\n")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nA: b\r\n folded\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n")]
    [InlineData("HTTP/1.1 200")]
    [InlineData("")]
    public async Task NoAnswer_Is502(string answer)
    {
        using var server = new RawServer();
        await using var gateway = await Gateway.StartAsync([server.Url], byTrunk: ByTrunk);
        using var client = await RawConnection.AskAsync(gateway.Port);
        using (var connection = await server.AcceptAsync())
        {
            await connection.ReceiveHeadAsync();
            await connection.SendAsync(answer);
        }

        Assert.StartsWith("HTTP/1.1 502 ", await client.ReceiveHeadAsync(), StringComparison.Ordinal);
        Assert.Equal(1, gateway.Registry.FindCounters(gateway.Server("s1"))!.Failed);
    }

    [Fact]
    public async Task HeadWithoutEnd_IsRefusedBeforeItFillsTheMemory()
    {
        using var server = new RawServer();
        await using var gateway = await Gateway.StartAsync([server.Url], byTrunk: ByTrunk);
        using var client = await RawConnection.AskAsync(gateway.Port);
        using var connection = await server.AcceptAsync();
        await connection.ReceiveHeadAsync();
        await connection.SendAsync("HTTP/1.1 101 Switching Protocols\r\nA: " + new string('a', 70 * 1024));

        Assert.StartsWith("HTTP/1.1 502 ", await client.ReceiveHeadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SilentServer_Is504()
    {
        using var server = new RawServer();
        await using var gateway = await Gateway.StartAsync(
            [server.Url], change: cluster => cluster with { HttpRequest = new ForwarderRequestConfig { ActivityTimeout = TimeSpan.FromMilliseconds(200) } }, byTrunk: ByTrunk);
        using var client = await RawConnection.AskAsync(gateway.Port);
        using var connection = await server.AcceptAsync();

        Assert.StartsWith("HTTP/1.1 504 ", await client.ReceiveHeadAsync(), StringComparison.Ordinal);
        await connection.ReceiveToEndAsync();
    }

    [Fact]
    public async Task ClientThatLeavesEarly_TakesTheServersConnectionWithIt()
    {
        using var server = new RawServer();
        await using var gateway = await Gateway.StartAsync([server.Url], byTrunk: ByTrunk);
        using var client = await RawConnection.AskAsync(gateway.Port);
        using var connection = await server.AcceptAsync();
        await connection.ReceiveHeadAsync();

        client.Dispose();

        Assert.Empty(await connection.ReceiveToEndAsync());
        Assert.Equal(0, gateway.Registry.FindCounters(gateway.Server("s1"))!.Failed);
    }

    [Theory]
    [InlineData("Tunnel.IdleTimeout", "0s", "a time from 1s to 7d, such as 500ms, 2s, 1m or 00:00:02")]
    [InlineData("Tunnel.CloseTimeout", "soon", "a time from 100ms to 1m, such as 500ms, 2s, 1m or 00:00:02")]
    [InlineData("Tunnel.ConnectTimeout", "1h", "a time from 100ms to 5m, such as 500ms, 2s, 1m or 00:00:02")]
    [InlineData("Tunnel.Enabled", "maybe", "true or false")]
    [InlineData("Tunnel.Idle", "1h", "no such key, but Tunnel.CloseTimeout, Tunnel.ConnectTimeout, Tunnel.Detach, Tunnel.Enabled, Tunnel.IdleTimeout, Tunnel.Trunks")]
    [InlineData("Tunnel.Trunks", "65", "a whole number from 0 to 64")]
    public async Task Metadata_ThatIsWrong_IsRefusedByName(string key, string value, string allowed)
    {
        var config = new ClusterConfig { ClusterId = "websockets", Metadata = new Dictionary<string, string> { [key] = value } };
        var filter = new StickyAspire.Yarp.Configuration.StickySessionsConfigFilter([new StickyAspire.Yarp.Tunnels.TunnelOptionsCheck()]);

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(async () => await filter.ConfigureClusterAsync(config, TestContext.Current.CancellationToken));

        Assert.Equal($"Cluster 'websockets': Metadata {key} is \"{value}\": allowed is {allowed}.", exception.Message);
    }
}

/// <summary>The same, where the servers are reached by trunks.</summary>
public sealed class HandshakeTestsByTrunk : HandshakeTests
{
    private protected override bool ByTrunk => true;
}
