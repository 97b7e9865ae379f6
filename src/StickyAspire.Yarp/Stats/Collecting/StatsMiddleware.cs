using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using StickyAspire.Yarp.Sessions;
using StickyAspire.Yarp.Stats.Counting;

namespace StickyAspire.Yarp.Stats.Collecting;

/// <summary>Counts each request that is proxied, for the frontend and for its cluster. Stands first in the proxy's pipeline, so that the time in a queue is counted too.</summary>
internal sealed class StatsMiddleware(RequestDelegate next, StatsCollector collector)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var cluster = collector.Cluster(context.GetReverseProxyFeature().Cluster.Config.ClusterId);
        var request = new ProxiedRequest(context, collector, cluster, context.Features.GetRequiredFeature<IHttpResponseBodyFeature>());
        context.Features.Set(request);
        context.Features.Set<IHttpResponseBodyFeature>(request);
        var body = context.Request.Body;
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: false })
        {
            context.Request.Body = new CountingRequestBody(body, request);
        }

        request.Begin();
        var statusCode = StatusCodes.Status500InternalServerError;
        try
        {
            await next(context);
            statusCode = context.Response.StatusCode;
        }
        finally
        {
            if (SessionLease.Of(context) is { } lease)
            {
                lease.Add(request.Leave());
            }
            else
            {
                request.End(statusCode);
            }

            context.Request.Body = body;
            context.Features.Set(request.Inner);
        }
    }
}
