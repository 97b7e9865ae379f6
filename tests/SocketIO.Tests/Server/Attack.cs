using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace SocketIO.Tests.Server;

/// <summary>Hostile sessions of every kind, chosen from a seed.</summary>
internal static class Attack
{
    private const int AtOnce = 50;

    private static readonly string[] Words =
    [
        "4", "47", "42", "42{}", "42[", "42[\"connect\"]", "40\u001e", "40/", "40/nobody,", "40" + new string('{', 1_000), "42" + string.Concat(Enumerable.Repeat("[", 5_000)),
        "451-[\"x\",{\"_placeholder\":true,\"num\":9}]", "4599999-[\"x\"]", "45-[\"x\"]", "43[1]", "4399999999999999999999[1]", "42/unknown,[\"x\"]", "9", "", "3probe", "2", "5", "6",
        "4\ud83d", "42[\"" + new string('x', 20_000) + "\"]", "b", "41", "44", "40{\"token\":1}", "40[]", "42[\"\\ud83d\",{\"\\udc00\":1}]", "42[5,{}]", "410-[\"x\"]",
        "40{\"x\":\"\\ud83d\"}", "4510-[\"x\"]", "bAAAA", "b!", "40/" + new string('n', 5_000) + ",", "42[\"x\",1e999]", "40/flood-1,",
    ];

    private static readonly Func<TestServer, HttpClient, Random, Task>[] Kinds =
        [WordsByPollingAsync, WordsByWebSocketAsync, FloodAsync, NamespacesAsync, NeverReadAsync, HalfPostAsync, HalfUpgradeAsync, HalfPacketAsync, NoUtf8Async, BreakOffPollAsync];

    /// <summary>Runs so many sessions, and waits until the server has done with them.</summary>
    public static async Task RunAsync(TestServer server, int sessions, int seed)
    {
        var random = new Random(seed);
        using var http = new HttpClient { BaseAddress = server.Url };
        for (var i = 0; i < sessions; i += AtOnce)
        {
            await Task.WhenAll(Enumerable.Range(i, AtOnce).Select(n => RunOnceAsync(server, http, new Random(random.Next()), Kinds[n % Kinds.Length])));
        }

        await Eventually.TrueAsync(() => server.SessionCount == 0, "every session has ended");
    }

    private static async Task RunOnceAsync(TestServer server, HttpClient http, Random random, Func<TestServer, HttpClient, Random, Task> kind)
    {
        try
        {
            await kind(server, http, random);
        }
        catch (Exception exception) when (exception is WebSocketException or HttpRequestException or IOException or OperationCanceledException)
        {
            // The server hung up, as it should.
        }
    }

    private static async Task WordsByPollingAsync(TestServer server, HttpClient http, Random random)
    {
        var poller = await PollingClient.OpenAsync(http);
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var body = string.Join('\u001e', Enumerable.Range(0, random.Next(1, 4)).Select(_ => Words[random.Next(Words.Length)]));
            using var answer = await poller.PostAsync(body);
        }
    }

    private static async Task WordsByWebSocketAsync(TestServer server, HttpClient http, Random random)
    {
        using var socket = await ConnectAsync(server);
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

    /// <summary>Rooms without end, questions back that are never answered, handlers that hang.</summary>
    private static async Task FloodAsync(TestServer server, HttpClient http, Random random)
    {
        using var socket = await ConnectAsync(server, "40");
        for (var i = 0; i < 100; i++)
        {
            await SendAsync(socket, random.Next(3) switch
            {
                0 => $$"""42["join","room {{random.Next()}}"]""",
                1 => """42["ask"]""",
                _ => i % 10 == 0 ? """42["hang"]""" : """42["nobody handles this",[[[]]]]""",
            });
        }
    }

    private static async Task NamespacesAsync(TestServer server, HttpClient http, Random random)
    {
        using var socket = await ConnectAsync(server);
        for (var i = 0; i < 50; i++)
        {
            await SendAsync(socket, $"40/flood-{random.Next(100_000)},");
        }
    }

    private static async Task NeverReadAsync(TestServer server, HttpClient http, Random random)
    {
        using var socket = await ConnectAsync(server, "40");
        var text = "42[\"x\",\"" + new string('x', 50_000) + "\"]";
        for (var i = 0; i < 20; i++)
        {
            await SendAsync(socket, text);
        }
    }

    private static async Task HalfPostAsync(TestServer server, HttpClient http, Random random)
    {
        var open = await http.GetStringAsync(PollingClient.Path, TestContext.Current.CancellationToken);
        var sid = JsonElement.Parse(open[1..]).GetProperty("sid").GetString();
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, server.Url.Port, TestContext.Current.CancellationToken);
        await tcp.GetStream().WriteAsync(
            Encoding.ASCII.GetBytes($"POST {PollingClient.Path}&sid={sid} HTTP/1.1\r\nHost: x\r\nContent-Length: {random.Next(100, 1_000_000)}\r\n\r\n42[\"x"), TestContext.Current.CancellationToken);
        if (random.Next(2) == 0)
        {
            // It stays, and says no more, until the server has had enough.
            using var reader = new StreamReader(tcp.GetStream());
            await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        }
    }

    private static async Task HalfUpgradeAsync(TestServer server, HttpClient http, Random random)
    {
        var open = await http.GetStringAsync(PollingClient.Path, TestContext.Current.CancellationToken);
        using var socket = await ConnectAsync(server, sid: JsonElement.Parse(open[1..]).GetProperty("sid").GetString());
        await SendAsync(socket, random.Next(3) switch { 0 => "2probe", 1 => "5", _ => "4hello" });
    }

    private static async Task HalfPacketAsync(TestServer server, HttpClient http, Random random)
    {
        using var socket = await ConnectAsync(server, "40");
        await SendAsync(socket, """4510-["x",{"_placeholder":true,"num":0}]""");
        for (var i = random.Next(9); i > 0; i--)
        {
            await socket.SendAsync(new byte[random.Next(50_000)], WebSocketMessageType.Binary, true, TestContext.Current.CancellationToken);
        }
    }

    private static async Task NoUtf8Async(TestServer server, HttpClient http, Random random)
    {
        var noise = new byte[random.Next(1, 200)];
        random.NextBytes(noise);
        byte[] packet = [(byte)'4', (byte)'2', .. noise, 0xff];
        if (random.Next(2) == 0)
        {
            var poller = await PollingClient.OpenAsync(http);
            using var answer = await poller.PostAsync(new ByteArrayContent(packet));
            return;
        }

        using var socket = await ConnectAsync(server, "40");
        await socket.SendAsync(packet, WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);
    }

    private static async Task BreakOffPollAsync(TestServer server, HttpClient http, Random random)
    {
        var open = await http.GetStringAsync(PollingClient.Path, TestContext.Current.CancellationToken);
        using var breakOff = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        breakOff.CancelAfter(random.Next(1, 50));
        await http.GetStringAsync($"{PollingClient.Path}&sid={JsonElement.Parse(open[1..]).GetProperty("sid").GetString()}", breakOff.Token);
    }

    private static async Task<ClientWebSocket> ConnectAsync(TestServer server, string? first = null, string? sid = null)
    {
        var socket = new ClientWebSocket();
        var query = "EIO=4&transport=websocket" + (sid is null ? "" : "&sid=" + sid);
        await socket.ConnectAsync(new UriBuilder(server.Url) { Scheme = "ws", Path = "/socket.io/", Query = query }.Uri, TestContext.Current.CancellationToken);
        if (first is not null)
        {
            await SendAsync(socket, first);
        }

        return socket;
    }

    private static Task SendAsync(ClientWebSocket socket, string packet) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(packet), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);
}
