using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Configuration;

namespace StickyAspire.Yarp.Affinity;

/// <summary>Inserts the cookie that names the server.</summary>
internal static class ServerIdCookie
{
    /// <summary>HAProxy's <c>nocache</c>: an answer with somebody's cookie in it belongs in no shared cache.</summary>
    private const string Private = "private";

    public static void Insert(HttpContext context, SessionAffinityConfig config, ServerCookieOptions options, string value, TimeProvider timeProvider)
    {
        var cookie = config.Cookie;

        // Not by Response.Cookies, which would escape the bar in front of a date.
        var header = new SetCookieHeaderValue(config.AffinityKeyName, value)
        {
            Path = cookie?.Path ?? "/",
            Domain = cookie?.Domain,
            HttpOnly = cookie?.HttpOnly ?? true,
            SameSite = (Microsoft.Net.Http.Headers.SameSiteMode)(cookie?.SameSite ?? Microsoft.AspNetCore.Http.SameSiteMode.Lax),
            MaxAge = cookie?.MaxAge,
            Expires = cookie?.Expiration is { } expiration ? timeProvider.GetUtcNow() + expiration : null,
            Secure = cookie?.SecurePolicy switch
            {
                CookieSecurePolicy.Always => true,
                CookieSecurePolicy.None => false,
                _ => context.Request.IsHttps,
            },
        };
        var text = header.ToString();
        context.Response.Headers.SetCookie = StringValues.Concat(context.Response.Headers.SetCookie, options.Attr is null ? text : $"{text}; {options.Attr}");

        var cacheControl = context.Response.Headers.CacheControl;
        if (options.NoCache && !cacheControl.ToString().Contains(Private, StringComparison.OrdinalIgnoreCase))
        {
            context.Response.Headers.CacheControl = StringValues.Concat(cacheControl, Private);
        }
    }
}
