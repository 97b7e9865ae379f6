using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using StickyAspire.Yarp.Sessions;
using StickyAspire.Yarp.Stats.Counting;

namespace StickyAspire.Yarp.Stats.Collecting;

/// <summary>Counts each request that is proxied, for the frontend and for its cluster. Stands before affinity in the proxy's pipeline, so that the time in a queue is counted too.</summary>
internal sealed class StatsMiddleware(RequestDelegate next, StatsCollector collector)
{
    public Task InvokeAsync(HttpContext context)
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
        RequestScope.Of(context).Push(new Counted(request, body));
        return next(context);
    }

    private sealed class Counted(ProxiedRequest request, Stream body) : RequestHold
    {
        public override void End(HttpContext context, bool hasThrown)
        {
            request.End(hasThrown ? StatusCodes.Status500InternalServerError : context.Response.StatusCode);
            Restore(context);
        }

        public override void Leave(HttpContext context, SessionLease lease)
        {
            lease.Add(request.Leave());
            Restore(context);
        }

        private void Restore(HttpContext context)
        {
            context.Request.Body = body;
            context.Features.Set(request.Inner);
        }
    }
}
