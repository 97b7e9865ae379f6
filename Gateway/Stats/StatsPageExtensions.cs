using idunno.Authentication.Basic;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;
using StickyAspire.Yarp.Stats;

namespace StickyAspire.Gateway.Stats;

/// <summary>HAProxy's statistics page and Prometheus' metrics, behind a password, as the section <c>Stats</c> says.</summary>
internal static partial class StatsPageExtensions
{
    public static IReverseProxyBuilder AddStatsPage(this IReverseProxyBuilder proxy, IConfiguration configuration)
    {
        var section = configuration.GetSection(StatsAccessOptions.Section);
        proxy.AddStats();
        proxy.Services.Configure<StatsOptions>(section);
        proxy.Services.AddOptions<StatsAccessOptions>().Bind(section).ValidateOnStart();
        proxy.Services.AddSingleton<IValidateOptions<StatsAccessOptions>, StatsAccessOptionsValidator>();
        proxy.Services.AddSingleton<FailureLimiter>();
        proxy.Services.AddSingleton<StatsAccess>();
        proxy.Services.AddAuthentication().AddBasic(StatsAccess.Scheme, _ => { });
        proxy.Services.AddOptions<BasicAuthenticationOptions>(StatsAccess.Scheme).Configure<IOptions<StatsAccessOptions>>(StatsAccess.Configure);
        proxy.Services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .AddMeter("StickyAspire.Yarp", "Microsoft.AspNetCore.Server.Kestrel")
            .AddRuntimeInstrumentation()
            .AddPrometheusExporter());
        return proxy;
    }

    /// <summary>Maps them. Where there is no password their addresses answer 404: no replica is asked for them either.</summary>
    public static WebApplication MapStatsPage(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<IOptions<StatsAccessOptions>>().Value;
        var access = app.Services.GetRequiredService<StatsAccess>();
        var endpoints = new List<IEndpointConventionBuilder> { app.MapStats() };
        if (options.MetricsUri.Length > 0)
        {
            endpoints.Add(app.MapPrometheusScrapingEndpoint(options.MetricsUri).WithOrder(int.MinValue));
        }

        foreach (var endpoint in endpoints)
        {
            endpoint.Add(builder => builder.RequestDelegate = options.IsOn ? access.Guard(builder.RequestDelegate!) : NotFoundAsync);
        }

        app.Lifetime.ApplicationStarted.Register(() => Announce(app, options));
        return app;
    }

    private static Task NotFoundAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private static void Announce(WebApplication app, StatsAccessOptions options)
    {
        var stats = app.Services.GetRequiredService<IOptions<StatsOptions>>().Value;
        if (!options.IsOn)
        {
            LogOff(app.Logger);
            return;
        }

        LogOn(app.Logger, (app.Urls.FirstOrDefault() ?? "") + stats.Uris.DefaultIfEmpty("/stats").First(), options.Username);
        if (!app.Environment.IsDevelopment() && app.Urls.Any(url => url.StartsWith("http://", StringComparison.OrdinalIgnoreCase)))
        {
            LogInsecure(app.Logger);
        }
    }

    [LoggerMessage(LogLevel.Information, "The statistics page is at {Url}, for the user {Username}")]
    private static partial void LogOn(ILogger logger, string url, string username);

    [LoggerMessage(LogLevel.Information, "The statistics page is off; set Stats:Password (Stats__Password in the environment) to turn it on")]
    private static partial void LogOff(ILogger logger);

    [LoggerMessage(LogLevel.Warning, "The statistics page is served without TLS: its password can be read on the way, unless a proxy in front of this one sees to that")]
    private static partial void LogInsecure(ILogger logger);
}
