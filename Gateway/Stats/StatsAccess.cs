using System.Globalization;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using idunno.Authentication.Basic;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace StickyAspire.Gateway.Stats;

/// <summary>Asks for HTTP's Basic credentials, and lets nobody guess them.</summary>
internal sealed partial class StatsAccess(FailureLimiter limiter, ILogger<StatsAccess> logger)
{
    public const string Scheme = "Stats";

    /// <summary>An endpoint that is answered only to those who know the password.</summary>
    public RequestDelegate Guard(RequestDelegate next) => async context =>
    {
        var address = context.Connection.RemoteIpAddress;
        if (limiter.GetWait(address) is var wait && wait > TimeSpan.Zero)
        {
            context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            return;
        }

        var result = await context.AuthenticateAsync(Scheme);
        if (result.Succeeded)
        {
            await next(context);
            return;
        }

        if (context.Request.Headers.Authorization.Count > 0)
        {
            limiter.Add(address);
            LogRefused(logger, address);
        }

        context.Response.Headers.CacheControl = "no-store";
        await context.ChallengeAsync(Scheme);
    };

    /// <summary>How the scheme checks what it is sent.</summary>
    public static void Configure(BasicAuthenticationOptions basic, IOptions<StatsAccessOptions> options)
    {
        basic.Realm = options.Value.Realm;

        // Where there is no TLS in front, the gateway says so when it starts.
        basic.AllowInsecureProtocol = true;
        basic.Events = new BasicAuthenticationEvents
        {
            OnValidateCredentials = context =>
            {
                // Both, always: how long it takes tells nothing.
                var isUser = AreEqual(context.Username, options.Value.Username);
                var isPassword = AreEqual(context.Password, options.Value.Password ?? "");
                if (isUser & isPassword & options.Value.IsOn)
                {
                    context.Principal = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, context.Username)], context.Scheme.Name));
                    context.Success();
                }

                return Task.CompletedTask;
            },
        };
    }

    /// <summary>Compares hashes, which are of one length whatever was sent.</summary>
    private static bool AreEqual(string sent, string expected) =>
        CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(sent)), SHA256.HashData(Encoding.UTF8.GetBytes(expected)));

    [LoggerMessage(LogLevel.Warning, "Wrong credentials for the statistics from {Address}")]
    private static partial void LogRefused(ILogger logger, System.Net.IPAddress? address);
}
