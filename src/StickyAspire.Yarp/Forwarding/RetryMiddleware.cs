using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using StickyAspire.Yarp.Affinity;
using StickyAspire.Yarp.Model;
using StickyAspire.Yarp.Sessions;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace StickyAspire.Yarp.Forwarding;

/// <summary>
/// Between affinity and balancing. A request that no connection could be made for is balanced once more, without the servers that failed: nothing of it was sent, so nothing can happen twice.
/// A request with a session id is not, for its session lives on its server alone.
/// </summary>
internal sealed partial class RetryMiddleware(RequestDelegate next, ServerRegistry registry, ILogger<RetryMiddleware> logger)
{
    public Task InvokeAsync(HttpContext context)
    {
        var proxy = context.GetReverseProxyFeature();
        var cluster = proxy.Route.Cluster!;
        // A list of affinity's own making is that of a session that sticks.
        var isStuck = !ReferenceEquals(proxy.AvailableDestinations, cluster.DestinationsState.AvailableDestinations);
        if (!isStuck)
        {
            RefuseLast(proxy, cluster);
        }

        // A poll of a session that lives on one server alone has nowhere else to go, and need not be waited for.
        var scope = RequestScope.Of(context);
        var mark = scope.Top;
        var first = next(context);
        return (first.IsCompletedSuccessfully && !HasFailed(context)) || !MayMove(context, cluster, isStuck) ? first : RetryAsync(context, proxy, cluster, scope, mark, first);
    }

    /// <summary>YARP asks no policy where it has but one server. A new session must not go there all the same when that is draining.</summary>
    private void RefuseLast(IReverseProxyFeature proxy, ClusterState cluster)
    {
        if (proxy.AvailableDestinations.Count == 1 && !registry.Get(cluster, proxy.AvailableDestinations[0]).TakesNewSessions)
        {
            proxy.AvailableDestinations = [];
        }
    }

    private async Task RetryAsync(HttpContext context, IReverseProxyFeature proxy, ClusterState cluster, RequestScope scope, RequestHold? mark, Task attempt)
    {
        await attempt;
        List<DestinationState>? failed = null;
        var options = RetryOptions.Of(proxy.Cluster.Config);
        for (var retries = 0; retries < options.Count && options.On == RetryCondition.ConnFailure && HasFailed(context); retries++)
        {
            var last = proxy.ProxiedDestination!;
            failed ??= [];
            failed.Add(last);
            var others = cluster.DestinationsState.AvailableDestinations.Where(each => !failed.Contains(each) && registry.Get(cluster, each).TakesNewSessions).ToArray();
            if (others.Length == 0 || context.RequestAborted.IsCancellationRequested)
            {
                return;
            }

            scope.EndTo(mark, context, hasThrown: false);
            registry.Get(cluster, last).CountRetry(toAnotherServer: true);
            LogRetry(logger, cluster.ClusterId, last.DestinationId);
            context.Response.StatusCode = StatusCodes.Status200OK;
            context.Features.Set<IForwarderErrorFeature>(null);
            proxy.ProxiedDestination = null;
            proxy.AvailableDestinations = others;
            await next(context);
        }
    }

    /// <summary>Whether no connection could be made, and the client was told nothing yet. YARP's forwarder names another error where it had begun to send a body.</summary>
    private static bool HasFailed(HttpContext context) =>
        !context.Response.HasStarted && context.Features.Get<IForwarderErrorFeature>() is { } error && ForwarderOutcome.IsConnectFailure(error)
        && context.GetReverseProxyFeature().ProxiedDestination is not null;

    /// <summary>Whether another server would do: it would for a new session, and for one whose cookie only says where it was last, unless a lost server's sessions are to be dealt with otherwise.</summary>
    private static bool MayMove(HttpContext context, ClusterState cluster, bool isStuck) =>
        !isStuck || (PersistOptions.Of(cluster.Model.Config).OnFailure == LostServerAction.Redispatch && !SessionIdQuery.TryGetServerId(context.Request.QueryString, out _));

    [LoggerMessage(LogLevel.Debug, "No connection to server {Cluster}/{Server}: the request goes to another")]
    private static partial void LogRetry(ILogger logger, string cluster, string server);
}
