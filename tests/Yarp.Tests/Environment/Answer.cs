using System.Net;

namespace Yarp.Tests.Environment;

/// <summary>What came back through a gateway.</summary>
/// <param name="Status">The status.</param>
/// <param name="Server">The id of the server that answered; empty where the gateway did.</param>
/// <param name="SetCookies">The <c>Set-Cookie</c> headers, in their order.</param>
/// <param name="SeenCookie">The cookies that the server saw; empty where it saw none.</param>
/// <param name="CacheControl">All of <c>Cache-Control</c>, joined by commas; empty where there is none.</param>
/// <param name="RetryAfter">In seconds; null where there is none.</param>
internal sealed record Answer(HttpStatusCode Status, string Server, IReadOnlyList<string> SetCookies, string SeenCookie, string CacheControl, int? RetryAfter)
{
    /// <summary>The value of a cookie that is set; null where it is not.</summary>
    public string? CookieValue(string name = "SERVERID") =>
        SetCookies.Select(each => each.Split(';')[0].Split('=', 2)).Where(each => each[0] == name).Select(each => each[1]).SingleOrDefault();

    public static async Task<Answer> ReadAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        using (response)
        {
            IReadOnlyList<string> Values(string name) => response.Headers.TryGetValues(name, out var values) ? [.. values] : [];
            return new Answer(
                response.StatusCode,
                response.IsSuccessStatusCode ? await response.Content.ReadAsStringAsync(cancel) : "",
                Values("Set-Cookie"),
                string.Join("; ", Values("X-Seen-Cookie")),
                string.Join(", ", Values("Cache-Control")),
                (int?)response.Headers.RetryAfter?.Delta?.TotalSeconds);
        }
    }
}
