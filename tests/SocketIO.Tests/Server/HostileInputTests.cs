using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using StickyAspire.SocketIO;
using StickyAspire.SocketIO.Serialization;

namespace SocketIO.Tests.Server;

/// <summary>Input that is meant to hurt: each kind ends with the protocol's answer, and the server serves the next client.</summary>
public sealed class HostileInputTests
{
    [Theory]
    [InlineData("""["\ud83d"]""")]
    [InlineData("""["\ud83dabcdefg"]""")]
    [InlineData("""["connec\ud83d"]""")]
    [InlineData("""["echo",{"\ud83d":1,"_place\udc00older":true}]""")]
    [InlineData("""["echo",{"_placeholder":true,"num":0},"\ud83d"]""")]
    public async Task HalfOfASurrogatePair_Anywhere_IsNoError(string json)
    {
        var seen = new ConcurrentQueue<string>();
        await using var server = await TestServer.StartAsync(map: io => io.OnConnection(socket =>
        {
            socket.OnAny((name, _) => seen.Enqueue(name));
            socket.On("echo", async (SocketIOPayload payload) => await socket.EmitAsync("echoed", payload));
            socket.On("still there?", () => true);
        }));
        await using var client = await server.ConnectAsync();
        await client.SendAsync("42" + json);
        await client.SendAsync("""421["still there?"]""");

        string? answer;
        do
        {
            answer = await client.ReceiveAsync();
            Assert.NotNull(answer);
        }
        while (answer != "431[true]");
        Assert.Equal(2, seen.Count);
    }

    [Fact]
    public async Task HalfOfASurrogatePair_InTheAuth_HurtsNobodyWhoFetchesSockets()
    {
        await using var server = await TestServer.StartAsync(map: io => io.OnConnection(async socket => await socket.EmitAsync("auth", socket.Handshake.Auth)));
        await using var client = await server.ConnectAsync("/", """{"x":"\ud83d","\udc00":1}""");

        Assert.StartsWith("""42["auth",{"x":"\ud83d",""", await client.ReceiveAsync(), StringComparison.Ordinal);
        Assert.Single(await server.IO.FetchSocketsAsync());
    }

    [Theory]
    [InlineData("42[\"echo\",\"\u00ff\"]")]
    [InlineData("42[\"\u00c3\"]")]
    [InlineData("40/\u00ff,")]
    [InlineData("\u00ff")]
    [InlineData("6\u00ff")]
    public async Task TextThatIsNoUtf8_EndsAPollingSession(string latin1)
    {
        var reason = new TaskCompletionSource<string>();
        await using var server = await TestServer.StartAsync(map: io => io.OnConnection(socket => socket.OnDisconnect(reason.SetResult)));
        using var http = new HttpClient { BaseAddress = server.Url };
        var poller = await PollingClient.OpenAsync(http);
        await poller.PostAsync("40");
        await poller.PostAsync(new ByteArrayContent(Encoding.Latin1.GetBytes("4" + latin1)));

        Assert.Equal("parse error", await reason.Task.WaitAsync(TestContext.Current.CancellationToken));
        using var poll = await poller.GetAsync();
        Assert.Equal(HttpStatusCode.BadRequest, poll.StatusCode);
    }

    [Fact]
    public async Task TextThatIsNoUtf8_EndsAWebSocket()
    {
        var reason = new TaskCompletionSource<string>();
        var isIn = false;
        await using var server = await TestServer.StartAsync(map: io => io.OnConnection(socket =>
        {
            socket.OnDisconnect(reason.SetResult);
            isIn = true;
        }));
        await using var client = await server.ConnectAsync();
        await Eventually.TrueAsync(() => isIn, "the connection handler has run");
        await client.SendAsync(Encoding.Latin1.GetBytes("42[\"\u00ff\"]"), isText: true);

        Assert.Equal("transport error", await reason.Task.WaitAsync(TestContext.Current.CancellationToken));
        Assert.Equal(0, server.SessionCount);
    }

    [Fact]
    public async Task JsonAsDeepAsAllowed_IsTaken_AndOneDeeperIsNot()
    {
        await using var server = await TestServer.StartAsync(options => options.JsonSerializerOptions = new JsonSerializerOptions(options.JsonSerializerOptions) { MaxDepth = 200 });
        await using var client = await server.ConnectAsync("/", """{"a":""" + Nest(199) + "}");
        await server.GetSocketAsync(client);
        Assert.Single(await server.IO.FetchSocketsAsync());

        await using var deeper = await TestClient.OpenAsync(server.Url);
        await deeper.SendAsync("""40{"a":""" + Nest(200) + "}");
        Assert.Null(await deeper.ReceiveAsync());

        static string Nest(int depth) => new string('[', depth) + new string(']', depth);
    }

    [Fact]
    public async Task NamespacesOfOneConnection_AreBounded()
    {
        await using var server = await TestServer.StartAsync(
            options => options.MaxNamespacesPerConnection = 50,
            io => io.Of(new Regex("^/n[0-9]+$")));
        await using var client = await TestClient.OpenAsync(server.Url);
        for (var i = 0; i < 60; i++)
        {
            await client.SendAsync($"40/n{i},");
        }

        for (var i = 0; i < 50; i++)
        {
            Assert.StartsWith($"40/n{i},", await client.ReceiveAsync(), StringComparison.Ordinal);
        }

        for (var i = 50; i < 60; i++)
        {
            await client.ExpectAsync($$"""44/n{{i}},{"message":"Too many namespaces"}""");
        }

        await client.SendAsync("41/n0,");
        await client.SendAsync("40/n99,");
        Assert.StartsWith("40/n99,", await client.ReceiveAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task NamespacesWhoseClientsAreRefused_DoNotStay()
    {
        await using var server = await TestServer.StartAsync(
            options => options.CleanupEmptyChildNamespaces = true,
            io => io.Of(new Regex("^/n[0-9]+$")).Use(_ => throw new SocketIOException("no")));
        await using var client = await TestClient.OpenAsync(server.Url);
        for (var i = 0; i < 100; i++)
        {
            await client.SendAsync($"40/n{i},");
            await client.ExpectAsync($$"""44/n{{i}},{"message":"no"}""");
        }

        Assert.Equal("/", Assert.Single(server.Services.GetRequiredService<SocketIOServer>().Namespaces).Name);
    }

    [Fact]
    public async Task EventsBehindAConnectionHandlerThatHangs_AreHeldBackByTcp()
    {
        var goOn = new TaskCompletionSource();
        var handled = 0;
        await using var server = await TestServer.StartAsync(
            options => options.MaxPendingEvents = 10,
            io => io.OnConnection(async socket =>
            {
                socket.On("x", (string _) => Interlocked.Increment(ref handled));
                await goOn.Task;
            }));
        await using var client = await server.ConnectAsync();
        var packet = "42[\"x\",\"" + new string('x', 10_000) + "\"]";
        var sent = 0;
        var sending = Task.Run(async () =>
        {
            for (; sent < 5_000; sent++)
            {
                await client.SendAsync(packet);
            }
        }, TestContext.Current.CancellationToken);

        // 50 MB do not fit into the buffers of a connection: the sender stops somewhere.
        var before = -1;
        await Eventually.TrueAsync(
            () =>
            {
                var isStill = sent == before && sent > 10;
                before = sent;
                return isStill;
            },
            "the sender is held back",
            TimeSpan.FromMilliseconds(500));
        Assert.InRange(sent, 10, 4_000);
        Assert.Equal(0, handled);

        goOn.SetResult();
        await sending;
        await Eventually.TrueAsync(() => handled == 5_000, "every event is handled");
    }

    [Fact]
    public async Task PostThatNeverEnds_EndsWithItsSession()
    {
        await using var server = await TestServer.StartAsync(options =>
        {
            options.Engine.PingInterval = TimeSpan.FromMilliseconds(300);
            options.Engine.PingTimeout = TimeSpan.FromMilliseconds(300);
        });
        using var http = new HttpClient { BaseAddress = server.Url };
        var sid = JsonElement.Parse((await http.GetStringAsync(PollingClient.Path, TestContext.Current.CancellationToken))[1..]).GetProperty("sid").GetString();
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, server.Url.Port, TestContext.Current.CancellationToken);
        var stream = tcp.GetStream();
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"POST {PollingClient.Path}&sid={sid} HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n42["), TestContext.Current.CancellationToken);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(4));

        // Long before Kestrel's own limit for slow bodies: the connection is closed, by an end or a reset.
        try
        {
            Assert.Equal(0, await stream.ReadAsync(new byte[100], limit.Token));
        }
        catch (IOException)
        {
        }

        Assert.Equal(0, server.SessionCount);
    }

    [Fact]
    public async Task ManyEmptyPackets_CountAgainstTheSendBuffer()
    {
        var reason = new TaskCompletionSource<string>();
        ISocketIOSocket? socket = null;
        await using var server = await TestServer.StartAsync(options => options.Engine.MaxSendBufferSize = 10_000, io => io.OnConnection(connected =>
        {
            socket = connected;
            connected.OnDisconnect(reason.SetResult);
        }));
        using var http = new HttpClient { BaseAddress = server.Url };
        var poller = await PollingClient.OpenAsync(http);
        await poller.PostAsync("40");
        await poller.PollAsync();

        var sent = 0;
        while (socket!.Session.Send(""))
        {
            sent++;
        }

        Assert.InRange(sent, 10, 200);
        Assert.Equal("transport error", await reason.Task);
    }

    [Fact]
    public async Task HandlerOfAnEngineSessionThatThrows_EndsThatSessionOnly()
    {
        await using var server = await TestServer.StartAsync(use: app => Microsoft.AspNetCore.Builder.SocketIOEndpointRouteBuilderExtensions.MapEngineIO(
            app, "/engine.io", session => new ThrowingHandler()));
        using var http = new HttpClient { BaseAddress = server.Url };
        var poller = await PollingClient.OpenAsync(http, "/engine.io/?EIO=4&transport=polling");
        using var post = await poller.PostAsync("4x");
        Assert.Equal(HttpStatusCode.OK, post.StatusCode);
        using var poll = await poller.GetAsync();
        Assert.Equal(HttpStatusCode.BadRequest, poll.StatusCode);
    }

    [Fact]
    public async Task MessagePackThatNestsWithoutEnd_EndsTheSessionAndNothingElse()
    {
        await using var server = await TestServer.StartAsync(build: builder => builder.AddMessagePackParser());
        foreach (var key in (string[])["data", "options", "id", "nsp", "type"])
        {
            var message = new ArrayBufferWriter<byte>();
            message.Write((ReadOnlySpan<byte>)[0x81, (byte)(0xa0 + key.Length), .. Encoding.ASCII.GetBytes(key)]);
            var nest = new byte[900_000];
            nest.AsSpan().Fill(0x91);
            message.Write(nest);
            await using var client = await TestClient.OpenAsync(server.Url);
            await client.SendAsync(message.WrittenSpan.ToArray());
            Assert.Null(await client.ReceiveAsync());
        }

        await using var next = await TestClient.OpenAsync(server.Url);
    }

    private sealed class ThrowingHandler : StickyAspire.SocketIO.Engine.IEngineSessionHandler
    {
        public ValueTask OnMessageAsync(ReadOnlyMemory<byte> data, bool isBinary) => throw new InvalidOperationException("a handler's own fault");

        public void OnClosed(string reason)
        {
        }
    }
}
