using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using SocketIO.Tests.Conformance.Clients;
using SocketIO.Tests.Conformance.Targets;

namespace SocketIO.Tests.Conformance;

/// <summary>How a session begins, and every way it may not.</summary>
public sealed class EngineIoV4HandshakeTests(CalmTarget target)
{
    [Fact]
    public async Task Polling_Opens()
    {
        var session = await PollingClient.OpenAsync(target);

        AssertOpen(session.Handshake);
        Assert.Equal(["websocket"], session.Handshake.GetProperty("upgrades").EnumerateArray().Select(u => u.GetString()));
    }

    [Fact]
    public async Task Polling_AnswersAsPlainTextThatNobodyKeeps()
    {
        using var response = await target.Http.GetAsync(Url("EIO=4&transport=polling"), TestContext.Current.CancellationToken);

        Assert.Equal("text/plain", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("utf-8", response.Content.Headers.ContentType.CharSet, ignoreCase: true);
        Assert.True(response.Headers.CacheControl?.NoStore, "Cache-Control: no-store is missing.");
    }

    [Fact]
    public async Task WebSocket_OpensWithoutUpgrades()
    {
        await using var session = await WebSocketEngineClient.OpenAsync(target);

        AssertOpen(session.Handshake);
        Assert.Empty(session.Handshake.GetProperty("upgrades").EnumerateArray());
    }

    [Fact]
    public async Task EverySession_HasAnIdOfItsOwn()
    {
        var ids = new HashSet<string>();
        for (var i = 0; i < 20; i++)
        {
            ids.Add((await PollingClient.OpenAsync(target)).Sid);
        }

        Assert.Equal(20, ids.Count);
    }

    [Theory]
    [InlineData("GET", "transport=polling", 5, "Unsupported protocol version")]
    [InlineData("GET", "EIO=abc&transport=polling", 5, "Unsupported protocol version")]
    [InlineData("GET", "EIO=3&transport=polling", 5, "Unsupported protocol version")]
    [InlineData("GET", "EIO=5&transport=polling", 5, "Unsupported protocol version")]
    [InlineData("GET", "", 0, "Transport unknown")]
    [InlineData("GET", "EIO=4", 0, "Transport unknown")]
    [InlineData("GET", "EIO=4&transport=", 0, "Transport unknown")]
    [InlineData("GET", "EIO=4&transport=abc", 0, "Transport unknown")]
    [InlineData("GET", "EIO=4&transport=constructor", 0, "Transport unknown")]
    [InlineData("GET", "EIO=4&transport=webtransport", 0, "Transport unknown")]
    [InlineData("GET", "EIO=4&transport=abc&sid=abc", 0, "Transport unknown")]
    [InlineData("GET", "EIO=4&transport=polling&sid=abc", 1, "Session ID unknown")]
    [InlineData("POST", "EIO=4&transport=polling&sid=abc", 1, "Session ID unknown")]
    [InlineData("GET", "EIO=4&transport=polling&sid=__proto__", 1, "Session ID unknown")]
    [InlineData("POST", "EIO=4&transport=polling", 2, "Bad handshake method")]
    [InlineData("PUT", "EIO=4&transport=polling", 2, "Bad handshake method")]
    [InlineData("PATCH", "EIO=4&transport=polling", 2, "Bad handshake method")]
    [InlineData("DELETE", "EIO=4&transport=polling", 2, "Bad handshake method")]
    [InlineData("GET", "EIO=4&transport=websocket", 3, "Bad request")]
    public async Task BadHandshake_IsRefusedWithItsCode(string method, string query, int code, string message)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), Url(query));
        if (method == "POST")
        {
            request.Content = new StringContent("4test");
        }

        using var response = await target.Http.SendAsync(request, TestContext.Current.CancellationToken);

        await EngineErrors.AssertAsync(response, code, message);
    }

    [Theory]
    [InlineData("EIO=4&transport=abc")]
    [InlineData("EIO=4")]
    [InlineData("EIO=4&transport=websocket&sid=abc")]
    public async Task BadWebSocketHandshake_IsRefused(string query)
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;

        await Assert.ThrowsAsync<WebSocketException>(
            () => socket.ConnectAsync(WebSocketEngineClient.UrlOf(target, query), TestContext.Current.CancellationToken));

        Assert.Equal(HttpStatusCode.BadRequest, socket.HttpStatusCode);
    }

    [Theory]
    [InlineData("EIO=4&transport=websocket&sid=abc", "Session ID unknown")]
    [InlineData("EIO=4&transport=abc", "Transport unknown")]
    public async Task BadWebSocketHandshake_SaysWhy(string query, string message)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Url(query));
        request.Headers.Connection.Add("Upgrade");
        request.Headers.Upgrade.ParseAdd("websocket");
        request.Headers.Add("Sec-WebSocket-Version", "13");
        request.Headers.Add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");

        using var response = await target.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("text/html", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(message, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("EIO=abc&transport=websocket")]
    [InlineData("EIO=3&transport=websocket")]
    [InlineData("transport=websocket")]
    public async Task UnsupportedRevisionOnWebSocket_GetsNoSession(string query)
    {
        // Whether the refusal comes before or after the switch of protocols is the server's own affair.
        try
        {
            await using var socket = await WebSocketEngineClient.ConnectAsync(target, query);
            Assert.Null(await socket.NextFrameAsync());
        }
        catch (WebSocketException)
        {
        }
    }

    [Fact]
    public async Task RevisionThatIsNotTheSessions_IsRefused()
    {
        var session = await PollingClient.OpenAsync(target);

        using var response = await target.Http.GetAsync(Url($"EIO=3&transport=polling&sid={session.Sid}"), TestContext.Current.CancellationToken);

        await EngineErrors.AssertAsync(response, 3, "Bad request");
    }

    [Fact]
    public async Task TransportThatIsNotTheSessions_IsRefused()
    {
        await using var session = await WebSocketEngineClient.OpenAsync(target);

        using var response = await target.Http.GetAsync(Url($"EIO=4&transport=polling&sid={session.Sid}"), TestContext.Current.CancellationToken);

        await EngineErrors.AssertAsync(response, 3, "Bad request");
        await session.SendAsync("4still here");
        await session.ExpectAsync("4still here");
    }

    private Uri Url(string query) => new(target.Url, $"/engine.io/?{query}");

    private static void AssertOpen(JsonElement open)
    {
        Assert.Equal(["maxPayload", "pingInterval", "pingTimeout", "sid", "upgrades"], open.EnumerateObject().Select(p => p.Name).Order());
        Assert.NotEmpty(open.GetProperty("sid").GetString()!);
        Assert.True(open.GetProperty("pingInterval").GetInt32() > 0);
        Assert.True(open.GetProperty("pingTimeout").GetInt32() > 0);
        Assert.Equal(1_000_000, open.GetProperty("maxPayload").GetInt32());
    }
}
