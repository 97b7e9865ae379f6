using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using StickyAspire.Yarp.Tunnels;
using Yarp.Tests.Tunnels.Running;

namespace Yarp.Tests.Tunnels;

/// <summary>What passes through a tunnel, with .NET's own WebSockets on both sides.</summary>
public class TunnelTests
{
    private protected virtual bool ByTrunk => false;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Messages_OfEverySizeAndInFragments_PassUnchanged()
    {
        await using var server = await WebServer.StartAsync(WebServer.EchoAsync);
        await using var gateway = await Gateway.StartAsync([server.Url], byTrunk: ByTrunk);
        using var client = new ClientWebSocket();
        await client.ConnectAsync(gateway.WebSocketUrl, Cancellation);
        await Eventually.TrueAsync(() => gateway.Active == 1, "the tunnel is counted");

        foreach (var size in (int[])[0, 1, 125, 126, 4095, 4096, 4097, 65535, 65536, 1_000_000])
        {
            var message = RandomNumberGenerator.GetBytes(size);
            await client.SendAsync(message.AsMemory(0, size / 3), WebSocketMessageType.Binary, false, Cancellation);
            await client.SendAsync(message.AsMemory(size / 3), WebSocketMessageType.Binary, true, Cancellation);
            Assert.Equal(message, await ReceiveAsync(client));
        }

        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Cancellation);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, client.CloseStatus);
        await Eventually.TrueAsync(() => gateway.Active == 0, "the tunnel has ended");
    }

    [Fact]
    public async Task TenMegabytes_BothWaysAtOnce_Pass()
    {
        const int Size = 10 * 1024 * 1024;
        var down = RandomNumberGenerator.GetBytes(Size);
        var up = RandomNumberGenerator.GetBytes(Size);
        var received = new TaskCompletionSource<byte[]>();
        await using var server = await WebServer.StartAsync(async context =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            var sending = socket.SendAsync(down, WebSocketMessageType.Binary, true, context.RequestAborted);
            received.SetResult(await ReceiveAsync(socket));
            await sending;
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
        });
        await using var gateway = await Gateway.StartAsync([server.Url], byTrunk: ByTrunk);
        using var client = new ClientWebSocket();
        await client.ConnectAsync(gateway.WebSocketUrl, Cancellation);

        var sending = client.SendAsync(up, WebSocketMessageType.Binary, true, Cancellation);
        Assert.Equal(down, await ReceiveAsync(client));
        await sending;
        Assert.Equal(up, await received.Task.WaitAsync(Cancellation));

        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Cancellation);
        await Eventually.TrueAsync(() => gateway.Active == 0, "the tunnel has ended");
        var counters = gateway.Registry.FindCounters(gateway.Server("s1"))!;
        Assert.InRange(counters.BytesIn, Size, Size + 100_000);
        Assert.InRange(counters.BytesOut, Size, Size + 100_000);
        Assert.Equal((1, 1), (counters.Opened, counters.MaxActive));
    }

    [Fact]
    public async Task SubprotocolAndExtension_AreAgreedBetweenTheEnds()
    {
        var seen = new TaskCompletionSource<IHeaderDictionary>();
        await using var server = await WebServer.StartAsync(async context =>
        {
            seen.SetResult(new HeaderDictionary(context.Request.Headers.ToDictionary()));
            using var socket = await context.WebSockets.AcceptWebSocketAsync(
                new WebSocketAcceptContext { SubProtocol = "graphql-ws", DangerousEnableCompression = true });
            await socket.SendAsync(new byte[5000], WebSocketMessageType.Binary, true, context.RequestAborted);
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
        });
        await using var gateway = await Gateway.StartAsync([server.Url], byTrunk: ByTrunk);
        using var client = new ClientWebSocket();
        client.Options.AddSubProtocol("soap");
        client.Options.AddSubProtocol("graphql-ws");
        client.Options.DangerousDeflateOptions = new WebSocketDeflateOptions();
        client.Options.SetRequestHeader("Cookie", "a=1; SERVERID=s1; b=2");
        client.Options.SetRequestHeader("X-Mine", "yes");
        await client.ConnectAsync(gateway.WebSocketUrl, Cancellation);

        Assert.Equal("graphql-ws", client.SubProtocol);
        Assert.Equal(new byte[5000], await ReceiveAsync(client));
        var headers = await seen.Task;
        Assert.Equal("a=1; b=2", headers.Cookie);
        Assert.Equal("yes", headers["X-Mine"]);
        Assert.Equal("soap, graphql-ws", headers.SecWebSocketProtocol);
        Assert.Equal("127.0.0.1", headers["X-Forwarded-For"]);
        Assert.Equal("http", headers["X-Forwarded-Proto"]);

        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Cancellation);

        // Compressed: 5,000 bytes have passed as a few.
        await Eventually.TrueAsync(() => gateway.Active == 0, "the tunnel has ended");
        Assert.InRange(gateway.Registry.FindCounters(gateway.Server("s1"))!.BytesOut, 10, 200);
    }

    [Fact]
    public async Task FirstAnswer_HasTheServersCookie()
    {
        await using var server = await WebServer.StartAsync(WebServer.EchoAsync);
        await using var gateway = await Gateway.StartAsync([server.Url], byTrunk: ByTrunk);
        using var client = new ClientWebSocket();
        client.Options.CollectHttpResponseDetails = true;
        await client.ConnectAsync(gateway.WebSocketUrl, Cancellation);

        Assert.StartsWith("SERVERID=s1; ", client.HttpResponseHeaders!["Set-Cookie"].Single(), StringComparison.Ordinal);
        client.Abort();
    }

    [Fact]
    public async Task ClientOverTls_IsTunnelledToo()
    {
        using var key = ECDsa.Create();
        using var certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await using var server = await WebServer.StartAsync(WebServer.EchoAsync);
        await using var gateway = await Gateway.StartAsync([server.Url], certificate: certificate, byTrunk: ByTrunk);
        using var client = new ClientWebSocket();
        client.Options.RemoteCertificateValidationCallback = (_, sent, _, _) => certificate.Equals(sent);
        await client.ConnectAsync(gateway.WebSocketUrl, Cancellation);
        await Eventually.TrueAsync(() => gateway.Active == 1, "the tunnel is counted");

        var message = RandomNumberGenerator.GetBytes(300_000);
        await client.SendAsync(message, WebSocketMessageType.Binary, true, Cancellation);
        Assert.Equal(message, await ReceiveAsync(client));
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Cancellation);
        await Eventually.TrueAsync(() => gateway.Active == 0, "the tunnel has ended");
    }

    [Fact]
    public async Task KestrelsOwnPipe_IsWhatIsPumped()
    {
        // A Kestrel that names its stream otherwise would cost a copy more, and nobody would notice.
        var isOwn = new TaskCompletionSource<bool>();
        await using var server = await WebServer.StartAsync(async context =>
        {
            var stream = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
            isOwn.SetResult(ReferenceEquals(ClientTransport.Get(context.Features, stream), context.Features.GetRequiredFeature<IConnectionTransportFeature>().Transport));
        });
        using var client = await RawConnection.AskAsync(server.Port);

        Assert.True(await isOwn.Task.WaitAsync(Cancellation));
    }

    [Fact]
    public async Task WebSocketOverHttp2_IsForwardedByYarp()
    {
        await using var server = await WebServer.StartAsync(WebServer.EchoAsync);
        await using var gateway = await Gateway.StartAsync([server.Url], protocols: HttpProtocols.Http2, byTrunk: ByTrunk);
        using var client = new ClientWebSocket { Options = { HttpVersion = new Version(2, 0), HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact } };
        using var http = new HttpMessageInvoker(new SocketsHttpHandler());
        await client.ConnectAsync(gateway.WebSocketUrl, http, Cancellation);

        await client.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, Cancellation);
        Assert.Equal("hello"u8.ToArray(), await ReceiveAsync(client));
        Assert.Equal(0, gateway.Active);
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Cancellation);
    }

    [Fact]
    public async Task ClusterWithoutTunnels_IsForwardedByYarp()
    {
        await using var server = await WebServer.StartAsync(WebServer.EchoAsync);
        await using var gateway = await Gateway.StartAsync([server.Url], new() { ["Tunnel.Enabled"] = "false" }, byTrunk: ByTrunk);
        using var client = new ClientWebSocket();
        await client.ConnectAsync(gateway.WebSocketUrl, Cancellation);

        await client.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, Cancellation);
        Assert.Equal("hello"u8.ToArray(), await ReceiveAsync(client));
        Assert.Equal(0, gateway.Active);
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Cancellation);
    }

    [Fact]
    public async Task PlainRequests_AreForwardedByYarp()
    {
        await using var server = await WebServer.StartAsync(context => context.Response.WriteAsync("plain"));
        await using var gateway = await Gateway.StartAsync([server.Url], byTrunk: ByTrunk);
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("text/plain"));

        Assert.Equal("plain", await http.GetStringAsync(new Uri(gateway.Url), Cancellation));
    }

    internal static async Task<byte[]> ReceiveAsync(WebSocket socket)
    {
        using var message = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var result = await socket.ReceiveAsync(buffer.AsMemory(), Cancellation);
            message.Write(buffer, 0, result.Count);
            if (result.EndOfMessage)
            {
                return message.ToArray();
            }
        }
    }
}

/// <summary>The same, where the servers are reached by trunks.</summary>
public sealed class TunnelTestsByTrunk : TunnelTests
{
    private protected override bool ByTrunk => true;
}
