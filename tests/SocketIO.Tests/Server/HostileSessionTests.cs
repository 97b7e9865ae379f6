using System.Net.WebSockets;
using System.Text;
using System.Text.RegularExpressions;
using StickyAspire.SocketIO;
using StickyAspire.SocketIO.Serialization;

namespace SocketIO.Tests.Server;

/// <summary>Clients that break the rules: each ends, and leaves nothing behind. Alone in its process while it measures.</summary>
[Collection(nameof(HostileSessionTests))]
[CollectionDefinition(nameof(HostileSessionTests), DisableParallelization = true)]
public sealed class HostileSessionTests
{
    private const int Sessions = 1_000;

    /// <summary>Noise of the runtime's own: pools, timers, jitted code.</summary>
    private const long AllowedGrowth = 4 * 1024 * 1024;

    [Fact]
    public async Task AThousandHostileSessions_LeaveMemoryWhereItWas()
    {
        await using var server = await TestServer.StartAsync(
            options =>
            {
                options.ConnectTimeout = TimeSpan.FromSeconds(2);
                options.CleanupEmptyChildNamespaces = true;
                options.MaxPendingEvents = 16;
                options.Engine.PingInterval = TimeSpan.FromSeconds(1);
                options.Engine.PingTimeout = TimeSpan.FromSeconds(1);
                options.Engine.UpgradeTimeout = TimeSpan.FromSeconds(2);
            },
            io =>
            {
                io.OnConnection(Serve);
                io.Of(new Regex("^/flood-[0-9]+$")).OnConnection(Serve);
            });
        await Attack.RunAsync(server, Sessions, seed: 1);
        var before = Measure();

        await Attack.RunAsync(server, Sessions, seed: 2);

        // Not at once: the last connections are still being taken down, and pools give back what they hold in their own time.
        await Eventually.TrueAsync(() => Measure() - before < AllowedGrowth, $"no more than {AllowedGrowth} bytes have stayed");
        await using var client = await server.ConnectAsync();
        await client.SendAsync("""42["x",1]""");
        await client.ExpectAsync("""42["x",1]""");
    }

    [Fact]
    public async Task ClientThatFloodsAndNeverReads_IsHeldBack_AndThenClosed()
    {
        var reasons = new List<string>();
        await using var server = await TestServer.StartAsync(
            options => options.Engine.MaxSendBufferSize = 2_000_000,
            io => io.OnConnection(socket =>
            {
                socket.OnDisconnect(reasons.Add);
                socket.On("x", async (SocketIOPayload payload) => await socket.EmitAsync("x", payload));
            }));
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(
            new UriBuilder(server.Url) { Scheme = "ws", Path = "/socket.io/", Query = "EIO=4&transport=websocket" }.Uri, TestContext.Current.CancellationToken);
        await socket.SendAsync("40"u8.ToArray(), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);
        var message = Encoding.UTF8.GetBytes("42[\"x\",\"" + new string('x', 100_000) + "\"]");

        await Eventually.TrueAsync(
            () =>
            {
                _ = SendQuietlyAsync(socket, message);
                return reasons.Count > 0;
            },
            "the server has had enough");

        Assert.Equal("transport error", Assert.Single(reasons));
    }

    private static async Task SendQuietlyAsync(ClientWebSocket socket, byte[] message)
    {
        try
        {
            await socket.SendAsync(message, WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);
        }
        catch (Exception exception) when (exception is WebSocketException or InvalidOperationException or OperationCanceledException)
        {
            // Two sends at once, or a connection that has ended: what a flood runs into.
        }
    }

    /// <summary>What careless applications do for whoever asks: keep, join, ask back, hang.</summary>
    private static void Serve(ISocketIOSocket socket)
    {
        socket.On("x", async (SocketIOPayload payload) => await socket.EmitAsync("x", payload));
        socket.On("join", async (string room) => await socket.JoinAsync(room));
        socket.On("ask", () =>
        {
            _ = AskAsync(socket);
        });
        socket.On("hang", async () => await Task.Delay(Timeout.InfiniteTimeSpan, socket.Disconnected));
    }

    private static async Task AskAsync(ISocketIOSocket socket)
    {
        try
        {
            await socket.EmitWithAckAsync<int>("question");
        }
        catch (SocketIOException)
        {
            // Gone without an answer.
        }
    }

    private static long Measure()
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
