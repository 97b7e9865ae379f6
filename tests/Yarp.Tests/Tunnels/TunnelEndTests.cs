using System.Diagnostics;
using System.Net.WebSockets;
using Microsoft.Extensions.DependencyInjection;
using StickyAspire.Yarp.Health;
using Yarp.Tests.Tunnels.Running;

namespace Yarp.Tests.Tunnels;

/// <summary>How tunnels end.</summary>
public class TunnelEndTests
{
    private protected virtual bool ByTrunk => false;

    private static readonly byte[] GoingAway = [0x88, 2, 0x03, 0xE9];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ClientGone_ServerSeesTheEnd()
    {
        using var server = new RawServer();
        await using var gateway = await Gateway.StartAsync([server.Url], byTrunk: ByTrunk);
        var (client, connection) = await server.OpenAsync(gateway);
        using var _ = connection;

        client.Reset();

        Assert.Empty(await connection.ReceiveToEndAsync());
        await Eventually.TrueAsync(() => gateway.Active == 0, "the tunnel has ended");
    }

    [Fact]
    public async Task ServerGone_ClientSeesTheEnd()
    {
        using var server = new RawServer();
        await using var gateway = await Gateway.StartAsync([server.Url], byTrunk: ByTrunk);
        var (client, connection) = await server.OpenAsync(gateway);
        using var _ = client;

        connection.Reset();

        Assert.Empty(await client.ReceiveToEndAsync());
        await Eventually.TrueAsync(() => gateway.Active == 0, "the tunnel has ended");
    }

    [Fact]
    public async Task ClientsLastBytes_ReachTheServerBeforeTheEnd()
    {
        using var server = new RawServer();
        await using var gateway = await Gateway.StartAsync([server.Url], byTrunk: ByTrunk);
        var (client, connection) = await server.OpenAsync(gateway);
        using var _ = client;
        using var __ = connection;
        var last = FrameTrackerTests.Frame(0x2, 500_000, masked: true);

        await client.SendAsync(last);
        client.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);

        Assert.Equal(last, await connection.ReceiveToEndAsync());
    }

    [Fact]
    public async Task ServersLastBytes_ReachTheClientBeforeTheEnd()
    {
        using var server = new RawServer();
        await using var gateway = await Gateway.StartAsync([server.Url], byTrunk: ByTrunk);
        var (client, connection) = await server.OpenAsync(gateway);
        using var _ = client;
        var last = FrameTrackerTests.Frame(0x2, 500_000, masked: false);

        await connection.SendAsync(last);
        connection.Dispose();

        Assert.Equal(last, await client.ReceiveToEndAsync());
    }

    [Fact]
    public async Task WhatTheServerSendsWithItsAnswer_IsNotLost()
    {
        using var server = new RawServer();
        await using var gateway = await Gateway.StartAsync([server.Url], byTrunk: ByTrunk);
        using var client = await RawConnection.AskAsync(gateway.Port);
        using var connection = await server.AcceptAsync();
        await connection.ReceiveHeadAsync();

        await connection.SendAsync(RawConnection.Accepted + "\x82\x02hi");

        await client.ReceiveHeadAsync();
        Assert.Equal([0x82, 0x02, (byte)'h', (byte)'i'], await client.ReceiveAsync(4));
    }

    [Fact]
    public async Task Shutdown_Tells500ClientsAndTheirServers_AndTakesNoLongerThanTheyDo()
    {
        const int Count = 500;
        var told = 0;
        await using var server = await WebServer.StartAsync(async context =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            await socket.ReceiveAsync(new byte[100].AsMemory(), context.RequestAborted);
            if (socket.CloseStatus == WebSocketCloseStatus.EndpointUnavailable)
            {
                Interlocked.Increment(ref told);
                await socket.CloseOutputAsync(socket.CloseStatus.Value, null, context.RequestAborted);
            }
        });
        await using var gateway = await Gateway.StartAsync([server.Url], byTrunk: ByTrunk);
        var clients = new List<ClientWebSocket>();
        for (var i = 0; i < Count; i++)
        {
            clients.Add(new ClientWebSocket());
            await clients[i].ConnectAsync(gateway.WebSocketUrl, Cancellation);
        }

        var closed = clients.Select(client => AssertClosedAsync(client, 1001)).ToList();
        var started = Stopwatch.GetTimestamp();
        await gateway.StopAsync();

        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(10));
        await Task.WhenAll(closed);
        Assert.Equal(Count, told);
        clients.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task Shutdown_DoesNotWaitForPeersThatSayNothing()
    {
        using var server = new RawServer();
        await using var gateway = await Gateway.StartAsync([server.Url], new() { ["Tunnel.CloseTimeout"] = "400ms" }, byTrunk: ByTrunk);
        var (client, connection) = await server.OpenAsync(gateway);
        using var _ = client;
        using var __ = connection;

        await gateway.StopAsync();

        Assert.Equal(GoingAway, await client.ReceiveToEndAsync());
        var frame = await connection.ReceiveToEndAsync();
        Assert.Equal([0x88, 0x82], frame[..2]);
        Assert.Equal([0x03, 0xE9], (byte[])[(byte)(frame[6] ^ frame[2]), (byte)(frame[7] ^ frame[3])]);
    }

    [Fact]
    public async Task CloseFrame_ComesBetweenFrames_NeverWithin()
    {
        using var server = new RawServer();
        await using var gateway = await Gateway.StartAsync([server.Url], byTrunk: ByTrunk);
        var (client, connection) = await server.OpenAsync(gateway);
        using var _ = client;
        using var __ = connection;
        var frame = FrameTrackerTests.Frame(0x2, 1000, masked: false);
        await connection.SendAsync(frame.AsMemory(0, 300));
        await client.ReceiveAsync(300);

        var stopping = gateway.StopAsync();
        await connection.SendAsync(frame.AsMemory(300));

        // The rest of the frame, the gateway's close frame, and nothing that the server says after it.
        await connection.SendAsync(frame);
        Assert.Equal(frame.Skip(300).Concat(GoingAway), await client.ReceiveAsync(frame.Length - 300 + GoingAway.Length));
        await client.SendAsync(new byte[] { 0x88, 0x82, 0, 0, 0, 0, 0x03, 0xE9 });
        Assert.Equal([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xE9], await connection.ReceiveAsync(8));
        connection.Dispose();
        Assert.Empty(await client.ReceiveToEndAsync());
        await stopping;
    }

    [Fact]
    public async Task ServerMarkedDown_ItsTunnelsCloseAndNoOthers()
    {
        using var down = new RawServer();
        await using var up = await WebServer.StartAsync(WebServer.EchoAsync);
        await using var gateway = await Gateway.StartAsync([down.Url, up.Url], byTrunk: ByTrunk);
        using var moved = await RawConnection.AskAsync(gateway.Port, "Cookie: SERVERID=s1\r\n");
        using var connection = await down.AcceptAsync();
        await connection.ReceiveHeadAsync();
        await connection.SendAsync(RawConnection.Accepted);
        await moved.ReceiveHeadAsync();
        using var stays = new ClientWebSocket();
        stays.Options.SetRequestHeader("Cookie", "SERVERID=s2");
        await stays.ConnectAsync(gateway.WebSocketUrl, Cancellation);
        await Eventually.TrueAsync(() => gateway.Active == 1, "it is open");

        foreach (var listener in gateway.Services.GetServices<IServerDownListener>())
        {
            listener.ShutdownSessions(gateway.Cluster, gateway.Server("s1"));
        }

        // A dead server says nothing: the client's own answer is enough.
        Assert.Equal(GoingAway, await moved.ReceiveAsync(4));
        await moved.SendAsync(new byte[] { 0x88, 0x82, 0, 0, 0, 0, 0x03, 0xE9 });
        Assert.Empty(await moved.ReceiveToEndAsync());
        await EchoAsync(stays);
        stays.Abort();
    }

    internal static async Task EchoAsync(ClientWebSocket client)
    {
        await client.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, Cancellation);
        Assert.Equal("hello"u8.ToArray(), await TunnelTests.ReceiveAsync(client));
    }

    internal static async Task AssertClosedAsync(ClientWebSocket client, int code)
    {
        var result = await client.ReceiveAsync(new byte[100].AsMemory(), Cancellation);
        Assert.Equal((WebSocketMessageType.Close, (WebSocketCloseStatus?)code), (result.MessageType, client.CloseStatus));
        await client.CloseOutputAsync(client.CloseStatus!.Value, null, Cancellation);
    }
}

/// <summary>The same, where the servers are reached by trunks.</summary>
public sealed class TunnelEndTestsByTrunk : TunnelEndTests
{
    private protected override bool ByTrunk => true;
}
