using Microsoft.AspNetCore.Cors.Infrastructure;

namespace StickyAspire.RealtimeService.Cors;

/// <summary>CORS by configuration.</summary>
internal static class ConfiguredCorsExtensions
{
    private const string OriginsKey = "Cors:Origins";

    /// <summary>
    /// Lets the origins in <c>Cors:Origins</c> use the service. <c>*</c> means any, and is meant for development: since SignalR's browser client sends
    /// credentials, each origin is named back to it. Default: none.
    /// </summary>
    public static void AddConfiguredCors(this IServiceCollection services, IConfiguration configuration)
    {
        var origins = configuration.GetSection(OriginsKey).Get<string[]>() ?? [];
        services.AddCors(options => options.AddDefaultPolicy(policy => Configure(policy, origins)));
    }

    private static void Configure(CorsPolicyBuilder policy, string[] origins)
    {
        if (origins.Contains("*"))
        {
            policy.SetIsOriginAllowed(_ => true);
        }
        else
        {
            policy.WithOrigins(origins);
        }

        policy.AllowAnyHeader().AllowAnyMethod().AllowCredentials();
    }
}
