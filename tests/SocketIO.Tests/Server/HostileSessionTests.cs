using System.Net.WebSockets;
using System.Text;
using StickyAspire.SocketIO;
using StickyAspire.SocketIO.Serialization;

namespace SocketIO.Tests.Server;

/// <summary>Clients that break the rules: each ends, and leaves nothing behind.</summary>
public sealed class HostileSessionTests
{
    private const int Sessions = 1_000;

    /// <summary>Noise of the runtime's own: pools, timers, jitted code.</summary>
    private const long AllowedGrowth = 4 * 1024 * 1024;

    private static readonly string[] Words =
    [
        "4", "47", "42", "42{}", "42[", "42[\"connect\"]", "40\u001e", "40/", "40/nobody,", "40" + new string('{', 1_000), "42" + string.Concat(Enumerable.Repeat("[", 5_000)),
        "451-[\"x\",{\"_placeholder\":true,\"num\":9}]", "4599999-[\"x\"]", "45-[\"x\"]", "43[1]", "4399999999999999999999[1]", "42/unknown,[\"x\"]", "9", "", "3probe", "2", "5", "6",
        "4\ud83d", "42[\"" + new string('x', 20_000) + "\"]", "b", "41", "44", "40{\"token\":1}", "40[]",
    ];

    [Fact]
    public async Task AThousandHostileSessions_LeaveMemoryWhereItWas()
    {
        await using var server = await TestServer.StartAsync(
            options =>
            {
                options.ConnectTimeout = TimeSpan.FromSeconds(2);
                options.Engine.PingInterval = TimeSpan.FromSeconds(1);
                options.Engine.PingTimeout = TimeSpan.FromSeconds(1);
            },
            io => io.OnConnection(socket => socket.On("x", async (SocketIOPayload payload) => await socket.EmitAsync("x", payload))));
        await AttackAsync(server, Sessions, seed: 1);
        var before = Measure();

        await AttackAsync(server, Sessions, seed: 2);

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

    private static async Task AttackAsync(TestServer server, int sessions, int seed)
    {
        var random = new Random(seed);
        using var http = new HttpClient { BaseAddress = server.Url };
        for (var i = 0; i < sessions; i += 50)
        {
            await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => AttackOnceAsync(server, http, new Random(random.Next()))));
        }

        await Eventually.TrueAsync(() => server.SessionCount == 0, "every session has ended");
    }

    private static async Task AttackOnceAsync(TestServer server, HttpClient http, Random random)
    {
        try
        {
            if (random.Next(2) == 0)
            {
                await ByPollingAsync(http, random);
            }
            else
            {
                await ByWebSocketAsync(server, random);
            }
        }
        catch (Exception exception) when (exception is WebSocketException or HttpRequestException)
        {
            // The server hung up, as it should.
        }
    }

    private static async Task ByPollingAsync(HttpClient http, Random random)
    {
        var open = await http.GetStringAsync("/socket.io/?EIO=4&transport=polling", TestContext.Current.CancellationToken);
        var sid = System.Text.Json.JsonElement.Parse(open[1..]).GetProperty("sid").GetString();
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var body = string.Join('\u001e', Enumerable.Range(0, random.Next(1, 4)).Select(_ => Words[random.Next(Words.Length)]));
            using var answer = await http.PostAsync($"/socket.io/?EIO=4&transport=polling&sid={sid}", new StringContent(body), TestContext.Current.CancellationToken);
        }
    }

    private static async Task ByWebSocketAsync(TestServer server, Random random)
    {
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(
            new UriBuilder(server.Url) { Scheme = "ws", Path = "/socket.io/", Query = "EIO=4&transport=websocket" }.Uri, TestContext.Current.CancellationToken);
        for (var i = random.Next(1, 6); i > 0; i--)
        {
            var isText = random.Next(4) > 0;
            await socket.SendAsync(
                Encoding.UTF8.GetBytes(Words[random.Next(Words.Length)]), isText ? WebSocketMessageType.Text : WebSocketMessageType.Binary, random.Next(8) > 0, TestContext.Current.CancellationToken);
        }

        if (random.Next(2) == 0)
        {
            socket.Abort();
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
