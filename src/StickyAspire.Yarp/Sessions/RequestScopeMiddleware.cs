using Microsoft.AspNetCore.Http;

namespace StickyAspire.Yarp.Sessions;

/// <summary>First in the proxy's pipeline: gives each request its scope, and ends that.</summary>
internal sealed class RequestScopeMiddleware(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var scope = new RequestScope();
        context.Features.Set(scope);
        var hasThrown = true;
        try
        {
            await next(context);
            hasThrown = false;
        }
        finally
        {
            scope.EndTo(null, context, hasThrown);
        }
    }
}
