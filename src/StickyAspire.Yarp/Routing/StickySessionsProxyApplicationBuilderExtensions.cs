using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using StickyAspire.Yarp.Admission;
using StickyAspire.Yarp.Affinity;
using StickyAspire.Yarp.Forwarding;
using StickyAspire.Yarp.Routing;
using StickyAspire.Yarp.Sessions;
using StickyAspire.Yarp.Stats.Collecting;
using StickyAspire.Yarp.Stats.Counting;

namespace Microsoft.AspNetCore.Builder;

/// <summary>The proxy's pipeline with everything that <c>AddStickySessions</c> adds.</summary>
public static class StickySessionsProxyApplicationBuilderExtensions
{
    /// <summary>
    /// YARP's own pipeline (session affinity, load balancing, passive health checks), and between them what <c>Admission.…</c>, <c>Queue.…</c>, <c>Retry.…</c> and
    /// <c>Observe.…</c> configure: limits, queues, handshake rates, another server where one cannot be reached, and the counts of sessions and errors. After <c>AddStats</c> it counts for the statistics too.
    /// Use it in place of the three: <c>app.MapReverseProxy(proxy => proxy.UseStickySessions())</c>. A plain <c>app.MapReverseProxy()</c> has affinity and balancing only, and refuses a
    /// configuration that needs more.
    /// </summary>
    public static IReverseProxyApplicationBuilder UseStickySessions(this IReverseProxyApplicationBuilder proxy)
    {
        ArgumentNullException.ThrowIfNull(proxy);
        proxy.ApplicationServices.GetRequiredService<StickyPipeline>().IsUsed = true;
        var isCounted = proxy.ApplicationServices.GetService<StatsCollector>() is not null;
        proxy.UseMiddleware<RequestScopeMiddleware>();
        if (isCounted)
        {
            proxy.UseMiddleware<StatsMiddleware>();
        }

        proxy.UseMiddleware<AffinityMiddleware>(PipelineStep.Build(proxy, step => step.UseSessionAffinity(), GoOn));
        if (isCounted)
        {
            proxy.UseMiddleware<BalancedMiddleware>();
        }

        proxy.UseMiddleware<RetryMiddleware>();
        proxy.UseMiddleware<AdmissionMiddleware>();
        proxy.UseLoadBalancing();
        proxy.UseMiddleware<ServerSessionMiddleware>(PipelineStep.Build(proxy, step => step.UsePassiveHealthChecks(), static _ => Task.CompletedTask));
        return proxy;
    }

    private static Task GoOn(HttpContext context)
    {
        RequestScope.Of(context).GoesOn = true;
        return Task.CompletedTask;
    }
}
