using System.Net;
using System.Text;
using SocketIO.Tests.Conformance.Clients;
using SocketIO.Tests.Conformance.Targets;

namespace SocketIO.Tests.Conformance;

/// <summary>Revision 3: length-prefixed payloads, and the client's heartbeat.</summary>
public sealed class EngineIoV3Tests(EIO3Target target)
{
    public static TheoryData<string> Transports => ["polling", "websocket"];

    [Theory]
    [InlineData("EIO=3&transport=polling")]
    [InlineData("transport=polling")]
    [InlineData("EIO=3&transport=polling&b64=1")]
    public async Task Polling_Opens(string query)
    {
        using var response = await target.Http.GetAsync(new Uri(target.Url, $"/engine.io/?{query}"), TestContext.Current.CancellationToken);
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/plain", response.Content.Headers.ContentType!.MediaType);
        var colon = body.IndexOf(':', StringComparison.Ordinal);
        Assert.Equal(body.Length - colon - 1, int.Parse(body[..colon], System.Globalization.CultureInfo.InvariantCulture));
        Assert.StartsWith("0{\"sid\":", body[(colon + 1)..], StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Messages_ComeBackInOrder(string transport)
    {
        await using var session = await EngineClient.OpenAsync(target, transport, revision: 3);

        await session.SendAsync("4hello", "4żółć €uro 😀", "4", "41:4");

        await session.ExpectAsync("4hello", "4żółć €uro 😀", "4", "41:4");
    }

    [Fact]
    public async Task Length_CountsAsJavaScriptDoes()
    {
        var session = await PollingClient.OpenAsync(target, revision: 3);

        // Letters are counted, not bytes; what lies beyond the basic plane counts twice.
        using (await session.PostAsync("4:4żół3:4😀"))
        {
        }

        Assert.Equal("4:4żół3:4😀", await session.PollAsync());
    }

    [Fact]
    public async Task BytesForAClientOfText_ComeInBase64()
    {
        var session = await PollingClient.OpenAsync(target, revision: 3, query: "&b64=1");

        using (await session.PostAsync("10:b4AQIDBA==6:4hello"))
        {
        }

        Assert.Equal("10:b4AQIDBA==6:4hello", await session.PollAsync());
    }

    [Fact]
    public async Task BytesForAClientOfBytes_ComeInABinaryPayload()
    {
        var session = await PollingClient.OpenAsync(target, revision: 3);
        // A flag, the length in decimal digits, 255, and the packet: bytes begin with 1, text with 0.
        byte[] payload = [1, 5, 255, 4, 1, 2, 3, 4, 0, 3, 255, .. Encoding.UTF8.GetBytes("4hi")];

        using (var posted = await session.PostAsync(payload, "application/octet-stream"))
        {
            Assert.Equal(HttpStatusCode.OK, posted.StatusCode);
        }

        using var poll = await session.GetAsync();
        Assert.Equal("application/octet-stream", poll.Content.Headers.ContentType!.MediaType);
        Assert.Equal(payload, await poll.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task TextInABinaryPayload_IsUtf8()
    {
        var session = await PollingClient.OpenAsync(target, revision: 3);
        var text = Encoding.UTF8.GetBytes("4żółć €");

        // The length has two digits, and counts bytes here.
        using (await session.PostAsync([0, (byte)(text.Length / 10), (byte)(text.Length % 10), 255, .. text], "application/octet-stream"))
        {
        }

        await session.ExpectAsync("4żółć €");
    }

    [Fact]
    public async Task BytesOnAWebSocket_BeginWithTheType()
    {
        await using var session = await WebSocketEngineClient.OpenAsync(target, revision: 3);

        await session.SendAsync("b4AQIDBA==");

        await session.ExpectAsync("b4AQIDBA==");
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Ping_IsAnswered(string transport)
    {
        await using var session = await EngineClient.OpenAsync(target, transport, revision: 3);

        await session.SendAsync("2");

        await session.ExpectAsync("3");
    }

    [Theory]
    [InlineData("polling", "3")]
    [InlineData("polling", "abc")]
    [InlineData("websocket", "3")]
    [InlineData("websocket", "abc")]
    public async Task InvalidPacket_EndsTheSession(string transport, string packet)
    {
        await using var session = await EngineClient.OpenAsync(target, transport, revision: 3);

        await session.SendAsync(packet);

        Assert.Empty(await session.UntilClosedAsync());
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("4hello")]
    [InlineData("9:4hello")]
    [InlineData("-1:4")]
    [InlineData(":4hello")]
    [InlineData("6:4hello6")]
    public async Task InvalidPayload_EndsTheSession(string payload)
    {
        var session = await PollingClient.OpenAsync(target, revision: 3);

        using (await session.PostAsync(payload))
        {
        }

        await session.UntilUnknownAsync();
    }

    [Fact]
    public async Task ClosePacket_EndsTheSession()
    {
        var session = await PollingClient.OpenAsync(target, revision: 3);

        await session.SendAsync("1");

        await session.UntilUnknownAsync();
    }

    [Fact]
    public async Task RevisionFour_IsStillServed()
    {
        await using var session = await EngineClient.OpenAsync(target, "polling");

        await session.SendAsync("4hello");

        await session.ExpectAsync("4hello");
    }

    [Fact]
    public async Task Upgrade_MovesTheSession()
    {
        var session = await PollingClient.OpenAsync(target, revision: 3);
        await using var socket = await WebSocketEngineClient.ConnectAsync(target, session, revision: 3);

        await socket.SendAsync("2probe");
        Assert.Equal("3probe", await socket.NextFrameAsync());
        await socket.SendAsync("5", "4hello");

        await socket.ExpectAsync("4hello");
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task SocketIO_JoinsTheDefaultNamespaceByItself(string transport)
    {
        await using var session = await SocketIOSession.OpenAsync(target, transport, revision: 3);

        await session.ExpectAsync("40", """42["auth",{}]""");
        await session.SendAsync("""42["message",1,"żółć"]""", """427["message-with-ack",{"a":[]}]""");
        await session.ExpectAsync("""42["message-back",1,"żółć"]""", """437[{"a":[]}]""");
    }

    [Theory]
    [InlineData("40/custom", "40/custom", "{}")]
    [InlineData("40/custom,", "40/custom", "{}")]
    [InlineData("40/custom?token=abc&x=%C5%BC", "40/custom", """{"token":"abc","x":"ż"}""")]
    public async Task SocketIO_TakesTheQueryOfANamespaceAsItsAuth(string connect, string connected, string auth)
    {
        await using var session = await SocketIOSession.OpenAsync(target, "websocket", revision: 3);
        await session.ExpectAsync("40", """42["auth",{}]""");

        await session.SendAsync(connect);

        var answer = await session.ExpectAsync();
        Assert.Equal(connected, answer.TrimEnd(','));
        await session.ExpectAsync($"42/custom,[\"auth\",{auth}]");
    }

    [Fact]
    public async Task SocketIO_RefusesAnUnknownNamespace()
    {
        await using var session = await SocketIOSession.OpenAsync(target, "websocket", revision: 3);
        await session.ExpectAsync("40", """42["auth",{}]""");

        await session.SendAsync("40/random");

        await session.ExpectAsync("""44/random,{"message":"Invalid namespace"}""");
    }
}
