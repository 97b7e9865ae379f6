using System.Net;
using System.Text;
using System.Text.Json;
using StickyAspire.SystemTests.Running;

namespace StickyAspire.SystemTests;

/// <summary>HAProxy's <c>cookie SERVERID insert indirect nocache</c>, seen from outside with plain HTTP.</summary>
[Collection(SharedSystemTests.Name)]
public sealed class CookieTests(SharedSystem shared)
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler { UseCookies = false });

    [Fact]
    public async Task FirstAnswer_InsertsTheCookieAndForbidsSharedCaches()
    {
        using var answer = await HandshakeAsync(cookie: null);

        var cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"));
        Assert.Matches("^SERVERID=s[123]; path=/; samesite=lax; httponly$", cookie);
        Assert.Contains(answer.Headers.GetValues("Cache-Control"), value => value.Contains("private", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("s1")]
    [InlineData("s2")]
    [InlineData("s3")]
    public async Task ValidCookie_IsHeededAndNotSentAgain(string server)
    {
        using var answer = await HandshakeAsync($"SERVERID={server}");

        Assert.StartsWith(server + ".", await ReadSidAsync(answer), StringComparison.Ordinal);
        Assert.False(answer.Headers.Contains("Set-Cookie"));
    }

    [Theory]
    [InlineData("SERVERID=s9")]
    [InlineData("SERVERID=")]
    [InlineData("SERVERID=../../etc")]
    [InlineData("SERVERID=\"s1\rx\"")]
    public async Task InvalidCookie_IsBalancedAndReplaced(string cookie)
    {
        using var answer = await HandshakeAsync(cookie.Replace("\r", "", StringComparison.Ordinal));

        var inserted = Assert.Single(answer.Headers.GetValues("Set-Cookie"));
        Assert.StartsWith($"SERVERID={(await ReadSidAsync(answer))[..2]};", inserted, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SERVERID=s2; a=1; b=\"x y\"", "a=1; b=\"x y\"")]
    [InlineData("a=1; SERVERID=s2; b=2", "a=1; b=2")]
    [InlineData("a=1;  b=2; SERVERID=s2", "a=1;  b=2")]
    [InlineData("NOTSERVERID=s1; SERVERID=s2", "NOTSERVERID=s1")]
    [InlineData("SERVERID=s2", null)]
    [InlineData("a=1; b=%20", "a=1; b=%20")]
    public async Task Replica_SeesEveryCookieButTheGateways(string sent, string? seen)
    {
        using var handshake = await HandshakeAsync(sent);
        var sid = await ReadSidAsync(handshake);

        var headers = await AskAsync(sid, "headers");

        Assert.Equal(seen, headers.TryGetProperty("Cookie", out var cookie) ? cookie.GetString() : null);
    }

    [Fact]
    public async Task SessionIdInTheQuery_BeatsTheCookie()
    {
        using var handshake = await HandshakeAsync("SERVERID=s3");
        var sid = await ReadSidAsync(handshake);

        Assert.Equal("s3", (await AskAsync(sid, "whoami", cookie: "SERVERID=s1")).GetString());
    }

    private async Task<HttpResponseMessage> HandshakeAsync(string? cookie)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{shared.Url}/socket.io/?EIO=4&transport=polling");
        if (cookie is not null)
        {
            request.Headers.TryAddWithoutValidation("Cookie", cookie);
        }

        var answer = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return answer;
    }

    private static async Task<string> ReadSidAsync(HttpResponseMessage answer)
    {
        var open = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return JsonElement.Parse(open[1..]).GetProperty("sid").GetString()!;
    }

    /// <summary>Joins the default namespace by polling and asks one thing.</summary>
    private async Task<JsonElement> AskAsync(string sid, string question, string? cookie = null)
    {
        await SendAsync(HttpMethod.Post, sid, "40\u001e420[\"" + question + "\"]", cookie);
        while (true)
        {
            foreach (var packet in (await SendAsync(HttpMethod.Get, sid, null, cookie)).Split('\u001e'))
            {
                if (packet.StartsWith("430", StringComparison.Ordinal))
                {
                    return JsonElement.Parse(packet[3..])[0];
                }
            }
        }
    }

    private async Task<string> SendAsync(HttpMethod method, string sid, string? body, string? cookie)
    {
        using var request = new HttpRequestMessage(method, $"{shared.Url}/socket.io/?EIO=4&transport=polling&sid={sid}");
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "text/plain");
        if (cookie is not null)
        {
            request.Headers.TryAddWithoutValidation("Cookie", cookie);
        }

        using var answer = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.False(answer.Headers.Contains("Set-Cookie") && cookie is not null, "A valid cookie is not sent again.");
        return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }
}
