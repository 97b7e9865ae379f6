using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace StickyAspire.Yarp.Affinity;

/// <summary>What happens to cookies that the application itself sets under the name of the cookie that names the server.</summary>
internal static class ServerSetCookie
{
    /// <summary>Removes, rewrites or prefixes them as the mode says. True where there were any.</summary>
    /// <param name="response">The answer, as the application gave it.</param>
    /// <param name="cookieName">The cookie's name.</param>
    /// <param name="server">What names the server.</param>
    /// <param name="options">The mode.</param>
    /// <param name="isDirect">Whether the client has sent a valid cookie for that server.</param>
    public static bool Apply(HttpResponse response, string cookieName, string server, ServerCookieOptions options, bool isDirect)
    {
        var headers = response.Headers.SetCookie;
        string?[]? changed = null;
        var found = false;
        for (var i = 0; i < headers.Count; i++)
        {
            if (headers[i] is not { } header || !CookieHeader.IsSetCookie(header, cookieName, out var value))
            {
                continue;
            }

            found = true;
            if (options.Preserve)
            {
                continue;
            }

            changed ??= headers.ToArray();
            if (options.Mode == CookieMode.Insert || (options.Indirect && isDirect))
            {
                changed[i] = null;
            }
            else if (options.Mode == CookieMode.Rewrite)
            {
                changed[i] = string.Concat(header.AsSpan(0, value.Start.Value), server, header.AsSpan(value.End.Value));
            }
            else
            {
                changed[i] = header.Insert(value.Start.Value, server + ServerCookieValue.PrefixDelimiter);
            }
        }

        if (changed is not null)
        {
            response.Headers.SetCookie = new StringValues([.. changed.Where(header => header is not null)]);
        }

        return found;
    }
}
