using Microsoft.AspNetCore.Http;
using StickyAspire.Yarp.Sessions;

namespace StickyAspire.Yarp.Affinity;

/// <summary>YARP's session affinity, which need not be waited for where it knows the server at once.</summary>
/// <param name="next">What comes after it.</param>
/// <param name="affinity">The step that sets <see cref="RequestScope.GoesOn"/> unless it has answered the request itself.</param>
internal sealed class AffinityMiddleware(RequestDelegate next, RequestDelegate affinity)
{
    public Task InvokeAsync(HttpContext context)
    {
        var scope = RequestScope.Of(context);
        var decision = affinity(context);
        return decision.IsCompletedSuccessfully ? GoOn(context, scope) : GoOnAsync(context, scope, decision);
    }

    private Task GoOn(HttpContext context, RequestScope scope) => scope.GoesOn ? next(context) : Task.CompletedTask;

    private async Task GoOnAsync(HttpContext context, RequestScope scope, Task decision)
    {
        await decision;
        await GoOn(context, scope);
    }
}
