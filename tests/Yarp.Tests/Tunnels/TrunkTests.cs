using System.Net.WebSockets;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using StickyAspire.Trunks;
using Yarp.Tests.Tunnels.Running;

namespace Yarp.Tests.Tunnels;

/// <summary>The gateway's trunks: when it has them, and what becomes of tunnels when it loses them.</summary>
public sealed class TrunkTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ManyTunnels_ShareTheTrunks_AndOneThatIsNotReadHoldsUpNoOther()
    {
        const int Count = 50;
        using var server = new RawServer();
        await using var gateway = await Gateway.StartAsync([server.Url], byTrunk: true);
        var (stuck, source) = await server.OpenAsync(gateway);
        using var _ = stuck;
        using var __ = source;

        // More than all buffers on the way hold, and nobody reads it.
        var flood = source.SendAsync(new byte[32 * 1024 * 1024]);
        for (var i = 0; i < Count; i++)
        {
            var (client, connection) = await server.OpenAsync(gateway);
            var message = RandomNumberGenerator.GetBytes(100_000);
            await connection.SendAsync(message);
            Assert.Equal(message, await client.ReceiveAsync(message.Length));
            client.Dispose();
            connection.Dispose();
        }

        Assert.False(flood.IsCompleted);
        Assert.InRange(gateway.Relays[0].Streams, Count + 1, Count + 10);
        // What the server sends to a client that has gone is thrown away, until it hears of that.
        stuck.Reset();
        await Task.WhenAny(flood).WaitAsync(Cancellation);
    }

    [Fact]
    public async Task CutTrunk_EndsItsTunnels_AndNewOnesGoOn()
    {
        using var server = new RawServer();
        await using var gateway = await Gateway.StartAsync([server.Url], byTrunk: true);
        var (client, connection) = await server.OpenAsync(gateway);
        using var _ = client;
        using var __ = connection;

        gateway.Relays[0].CutTrunks();

        Assert.Empty(await client.ReceiveToEndAsync());
        Assert.Empty(await connection.ReceiveToEndAsync());
        await Eventually.TrueAsync(() => gateway.Active == 0, "the tunnel has ended");
        var (next, nextConnection) = await server.OpenAsync(gateway);
        next.Dispose();
        nextConnection.Dispose();
        await gateway.WaitForTrunksAsync(gateway.Relays[0].Url);
    }

    [Fact]
    public async Task TrunkCutBeforeTheAnswer_RequestGoesToAnotherServer()
    {
        using var first = new RawServer();
        await using var second = await WebServer.StartAsync(WebServer.EchoAsync);
        await using var gateway = await Gateway.StartAsync([first.Url, second.Url], byTrunk: true);
        using var client = await RawConnection.AskAsync(gateway.Port, "Cookie: SERVERID=s1\r\n");
        using var connection = await first.AcceptAsync();
        await connection.ReceiveHeadAsync();

        gateway.Relays[0].CutTrunks();

        var answer = await client.ReceiveHeadAsync();
        Assert.StartsWith("HTTP/1.1 101 ", answer, StringComparison.Ordinal);
        Assert.Contains("SERVERID=s2", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ServerThatLeaves_KeepsItsTunnels_AndGetsNoMoreByTheTrunk()
    {
        using var server = new RawServer();
        await using var gateway = await Gateway.StartAsync([server.Url], byTrunk: true);
        var (client, connection) = await server.OpenAsync(gateway);
        using var _ = client;
        using var __ = connection;
        var relay = gateway.Relays[0];

        relay.Leave();

        await connection.SendAsync("still here");
        Assert.Equal("still here"u8.ToArray(), await client.ReceiveAsync(10));
        await gateway.WaitForTrunksAsync(relay.Url);
        var (next, nextConnection) = await server.OpenAsync(gateway);
        next.Dispose();
        nextConnection.Dispose();
    }

    [Theory]
    [InlineData("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("no HTTP at all\r\n\r\n")]
    [InlineData("")]
    public async Task ServerWithoutTrunks_GetsConnectionsAsEver(string answer)
    {
        using var server = new RawServer();
        await using var gateway = await Gateway.StartAsync([server.Url], new() { ["Tunnel.Trunks"] = "1" });
        using var client = await RawConnection.AskAsync(gateway.Port);

        // The tunnel's own connection and the question, in either order.
        using var one = await server.AcceptAsync();
        using var two = await server.AcceptAsync();
        var oneIsTrunk = (await one.ReceiveHeadAsync()).StartsWith($"GET {TrunkProtocol.Path} ", StringComparison.Ordinal);
        await two.ReceiveHeadAsync();
        var trunk = oneIsTrunk ? one : two;
        await trunk.SendAsync(answer);
        trunk.Dispose();
        await (oneIsTrunk ? two : one).SendAsync(RawConnection.Accepted);

        Assert.StartsWith("HTTP/1.1 101 ", await client.ReceiveHeadAsync(), StringComparison.Ordinal);
        var (next, nextConnection) = await server.OpenAsync(gateway);
        next.Dispose();
        nextConnection.Dispose();
    }

    [Fact]
    public async Task Requests_GoByTheTrunksToo()
    {
        const int Count = 20;
        await using var server = await WebServer.StartAsync(async context =>
        {
            var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            await context.Response.Body.WriteAsync(body.ToArray());
        });
        await using var gateway = await Gateway.StartAsync([server.Url], byTrunk: true);
        var before = gateway.Relays[0].Streams;
        using var http = new HttpClient { BaseAddress = new Uri(gateway.Url) };

        await Parallel.ForAsync(0, Count, Cancellation, async (i, _) =>
        {
            var body = RandomNumberGenerator.GetBytes(i * 10_000);
            using var answer = await http.PostAsync(new Uri("/", UriKind.Relative), new ByteArrayContent(body), Cancellation);
            Assert.Equal(body, await answer.Content.ReadAsByteArrayAsync(Cancellation));
        });

        Assert.InRange(gateway.Relays[0].Streams - before, 1, Count);
        Assert.Equal(0, gateway.Relays[0].Others);
    }

    [Fact]
    public async Task FirstRequest_WaitsForTheTrunk()
    {
        await using var server = await WebServer.StartAsync(context => context.Response.WriteAsync("plain"));
        using var relay = new TrunkRelay(server.Url);
        await using var gateway = await Gateway.StartAsync([relay.Url], new() { ["Tunnel.Trunks"] = "1" });
        using var http = new HttpClient();

        Assert.Equal("plain", await http.GetStringAsync(new Uri(gateway.Url), Cancellation));

        Assert.Equal((1, 0), (relay.Streams, relay.Others));
    }

    [Fact]
    public async Task RequestsAfterACutTrunk_GoOn()
    {
        await using var server = await WebServer.StartAsync(context => context.Response.WriteAsync("plain"));
        await using var gateway = await Gateway.StartAsync([server.Url], byTrunk: true);
        using var http = new HttpClient();
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("plain", await http.GetStringAsync(new Uri(gateway.Url), Cancellation));
            gateway.Relays[0].CutTrunks();
        }
    }

    [Fact]
    public async Task Client_CannotHaveATrunk()
    {
        using var server = new RawServer();
        await using var gateway = await Gateway.StartAsync([server.Url], byTrunk: true);
        using var client = await RawConnection.ConnectAsync(gateway.Port);

        await client.SendAsync($"GET {TrunkProtocol.Path} HTTP/1.1\r\nHost: gateway\r\nConnection: Upgrade\r\nUpgrade: {TrunkProtocol.Name.ToUpperInvariant()}\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 403 ", await client.ReceiveHeadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shutdown_TellsClientsAndServers_ByTheTrunk()
    {
        await using var server = await WebServer.StartAsync(WebServer.EchoAsync);
        await using var gateway = await Gateway.StartAsync([server.Url], byTrunk: true);
        using var client = new ClientWebSocket();
        await client.ConnectAsync(gateway.WebSocketUrl, Cancellation);

        var closed = TunnelEndTests.AssertClosedAsync(client, 1001);
        await gateway.StopAsync();

        await closed;
    }
}
