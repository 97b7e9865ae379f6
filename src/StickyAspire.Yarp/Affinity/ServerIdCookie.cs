using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Configuration;

namespace StickyAspire.Yarp.Affinity;

/// <summary>Inserts the cookie that names the server.</summary>
internal static class ServerIdCookie
{
    /// <summary>HAProxy's <c>nocache</c>: an answer with somebody's cookie in it belongs in no shared cache.</summary>
    private const string Private = "private";

    public static void Insert(HttpContext context, SessionAffinityConfig config, string serverId)
    {
        var cookie = config.Cookie;
        var options = new CookieOptions
        {
            Path = cookie?.Path ?? "/",
            Domain = cookie?.Domain,
            HttpOnly = cookie?.HttpOnly ?? true,
            SameSite = cookie?.SameSite ?? SameSiteMode.Lax,
            MaxAge = cookie?.MaxAge,
            IsEssential = cookie?.IsEssential ?? true,
            Secure = cookie?.SecurePolicy switch
            {
                CookieSecurePolicy.Always => true,
                CookieSecurePolicy.None => false,
                _ => context.Request.IsHttps,
            },
        };
        if (cookie?.Expiration is { } expiration)
        {
            options.Expires = DateTimeOffset.UtcNow + expiration;
        }

        context.Response.Cookies.Append(config.AffinityKeyName, serverId, options);
        var cacheControl = context.Response.Headers.CacheControl;
        if (!cacheControl.ToString().Contains(Private, StringComparison.OrdinalIgnoreCase))
        {
            context.Response.Headers.CacheControl = StringValues.Concat(cacheControl, Private);
        }
    }
}
