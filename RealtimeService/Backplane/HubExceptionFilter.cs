using System.Reflection;
using System.Runtime.ExceptionServices;
using Microsoft.AspNetCore.SignalR;

namespace StickyAspire.RealtimeService.Backplane;

/// <summary>Tells SignalR's clients what a hub's <see cref="HubException"/> says. In a native program SignalR awaits a hub's answer by reflection, finds the exception inside another one, and would tell them nothing.</summary>
internal sealed class HubExceptionFilter : IHubFilter
{
    public async ValueTask<object?> InvokeMethodAsync(HubInvocationContext invocationContext, Func<HubInvocationContext, ValueTask<object?>> next)
    {
        try
        {
            return await next(invocationContext);
        }
        catch (TargetInvocationException exception) when (exception.InnerException is HubException inner)
        {
            ExceptionDispatchInfo.Throw(inner);
            throw;
        }
    }
}
