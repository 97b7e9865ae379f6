using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace StickyAspire.Replica;

/// <summary>Counts requests in progress, and reports state and load with every answer to a health check, which is itself no load.</summary>
internal sealed class ReplicaMiddleware(RequestDelegate next, ReplicaLifecycle lifecycle, IOptions<ReplicaOptions> options)
{
    private readonly PathString _checkPath = options.Value.CheckPath;

    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.Path == _checkPath)
        {
            context.Response.Headers[StateReport.HeaderName] = lifecycle.CreateReport();
            return next(context);
        }

        return context.GetEndpoint()?.Metadata.GetMetadata<OwnLoadCount>() is null ? CountAsync(context) : next(context);
    }

    private async Task CountAsync(HttpContext context)
    {
        lifecycle.BeginRequest();
        try
        {
            await next(context);
        }
        finally
        {
            End(context);
        }
    }

    /// <summary>An upgraded connection is load until it ends, which may be long after its request has.</summary>
    private void End(HttpContext context)
    {
        if (context.Response.StatusCode == StatusCodes.Status101SwitchingProtocols && context.Features.Get<IConnectionCompleteFeature>() is { } connection)
        {
            connection.OnCompleted(
                static lifecycle =>
                {
                    ((ReplicaLifecycle)lifecycle).EndRequest();
                    return Task.CompletedTask;
                },
                lifecycle);
        }
        else
        {
            lifecycle.EndRequest();
        }
    }
}
