using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using StickyAspire.Yarp.Affinity;
using StickyAspire.Yarp.Model;
using Yarp.ReverseProxy.Configuration;
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
        RefuseLast(proxy, cluster);
        var first = next(context);
        return first.IsCompletedSuccessfully && !HasFailed(context) ? first : RetryAsync(context, proxy, cluster, first);
    }

    /// <summary>YARP asks no policy where it has but one server. A new session must not go there all the same when that is draining; a list of affinity's own making is that of a session that sticks.</summary>
    private void RefuseLast(IReverseProxyFeature proxy, ClusterState cluster)
    {
        if (proxy.AvailableDestinations.Count == 1
            && ReferenceEquals(proxy.AvailableDestinations, cluster.DestinationsState.AvailableDestinations)
            && !registry.Get(cluster, proxy.AvailableDestinations[0]).TakesNewSessions)
        {
            proxy.AvailableDestinations = [];
        }
    }

    private async Task RetryAsync(HttpContext context, IReverseProxyFeature proxy, ClusterState cluster, Task attempt)
    {
        await attempt;
        List<DestinationState>? failed = null;
        var options = RetryOptions.Of(proxy.Cluster.Config);
        for (var retries = 0; retries < options.Count && options.On == RetryCondition.ConnFailure && HasFailed(context) && MayMove(context, proxy, options); retries++)
        {
            var last = proxy.ProxiedDestination!;
            failed ??= [];
            failed.Add(last);
            var others = cluster.DestinationsState.AvailableDestinations.Where(each => !failed.Contains(each) && registry.Get(cluster, each).TakesNewSessions).ToArray();
            if (others.Length == 0 || context.RequestAborted.IsCancellationRequested)
            {
                return;
            }

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

    /// <summary>Whether another server would do: it would for a new session, and for one whose cookie only says where it was last.</summary>
    private static bool MayMove(HttpContext context, IReverseProxyFeature proxy, RetryOptions options)
    {
        if (proxy.Cluster.Config.SessionAffinity is not { Enabled: true } affinity)
        {
            return true;
        }

        return !SessionIdQuery.TryGetServerId(context.Request.QueryString, out _)
            && (options.Redispatch || !NamesServer(context, affinity, proxy.ProxiedDestination!));
    }

    private static bool NamesServer(HttpContext context, SessionAffinityConfig affinity, DestinationState destination) =>
        CookieHeader.TryGet(context.Request.Headers.Cookie, affinity.AffinityKeyName, out var value) && value.SequenceEqual(destination.DestinationId);

    [LoggerMessage(LogLevel.Debug, "No connection to server {Cluster}/{Server}: the request goes to another")]
    private static partial void LogRetry(ILogger logger, string cluster, string server);
}
