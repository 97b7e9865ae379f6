using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using StickyAspire.Yarp.Forwarding;
using StickyAspire.Yarp.Model;
using StickyAspire.Yarp.Stats;
using StickyAspire.Yarp.Stats.Collecting;
using StickyAspire.Yarp.Stats.Counting;
using StickyAspire.Yarp.Stats.Live;
using StickyAspire.Yarp.Stats.Page;
using StickyAspire.Yarp.Stats.Rows;
using Yarp.ReverseProxy.Forwarder;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>HAProxy's statistics for YARP.</summary>
public static class StatsReverseProxyBuilderExtensions
{
    /// <summary>
    /// Counts what HAProxy's statistics count. Call it after <c>AddStickySessions</c>, which knows the servers' states. <c>UseStickySessions</c> then counts in the proxy's pipeline; call <c>MapStats</c> to serve a page of it; the meter <c>StickyAspire.Yarp</c> has the numbers too.
    /// </summary>
    /// <param name="builder">The proxy.</param>
    /// <param name="configure">Sets options; they are checked at start.</param>
    /// <exception cref="InvalidOperationException"><c>AddStickySessions</c> has not been called before.</exception>
    public static IReverseProxyBuilder AddStats(this IReverseProxyBuilder builder, Action<StatsOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        if (!services.Any(service => service.ServiceType == typeof(ServerRegistry)))
        {
            throw new InvalidOperationException("Call AddStickySessions before AddStats.");
        }

        if (services.Any(service => service.ServiceType == typeof(StatsCollector)))
        {
            services.Configure(configure ?? (static _ => { }));
            return builder;
        }

        services.AddOptions<StatsOptions>().Configure(configure ?? (static _ => { })).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<StatsOptions>, StatsOptionsValidator>());
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<StatsCollector>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<SnapshotBuilder>(provider, provider.GetRequiredService<IOptions<StatsOptions>>().Value));
        services.AddSingleton<StatsFeed>();
        services.AddSingleton<StatsResources>();
        services.AddHostedService<ConnectionCounter>();
        services.AddHostedService<StatsSampler>();
        services.AddHostedService<StatsMetrics>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<MatcherPolicy, StatsQueryMatcherPolicy>());
        CountConnections(services);
        DecorateForwarder(services);
        return builder;
    }

    /// <summary>Unless the application makes its clients in a way of its own.</summary>
    private static void CountConnections(IServiceCollection services)
    {
        if (services.LastOrDefault(service => service.ServiceType == typeof(IForwarderHttpClientFactory)) is { ImplementationType: { } own } && own == typeof(FrugalHttpClientFactory))
        {
            services.Replace(ServiceDescriptor.Singleton<IForwarderHttpClientFactory, StatsHttpClientFactory>());
        }
    }

    private static void DecorateForwarder(IServiceCollection services)
    {
        var inner = services.Last(service => service.ServiceType == typeof(IHttpForwarder) && !service.IsKeyedService);
        services.Remove(inner);
        services.AddSingleton<IHttpForwarder>(provider => new StatsForwarder((IHttpForwarder)(
            inner.ImplementationInstance
            ?? inner.ImplementationFactory?.Invoke(provider)
            ?? ActivatorUtilities.CreateInstance(provider, inner.ImplementationType!))));
    }
}
