using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using StickyAspire.Yarp.Affinity;
using StickyAspire.Yarp.Diagnostics;
using StickyAspire.Yarp.LoadBalancing;
using StickyAspire.Yarp.Membership;
using StickyAspire.Yarp.Sessions;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.LoadBalancing;
using Yarp.ReverseProxy.Model;

namespace StickyAspire.Yarp.Admission;

/// <summary>
/// HAProxy's <c>maxconn</c> and its queues, between affinity and balancing. A request whose session has a server waits for that one, any other for the first that becomes free;
/// the slot is its own until the answer has ended, a WebSocket's until it is closed.
/// </summary>
internal sealed partial class AdmissionMiddleware(
    RequestDelegate next, AdmissionRegistry registry, IEnumerable<ILoadBalancingPolicy> policies, DestinationsWatch watch, StickyMetrics metrics, ILogger<AdmissionMiddleware> logger)
{
    /// <summary>As often a request may lose the slot that balancing found to another that was quicker, before it takes its place in the queue.</summary>
    private const int MaxTries = 3;

    /// <summary>YARP's own default.</summary>
    private const string DefaultPolicy = "PowerOfTwoChoices";

    /// <summary>Policies that give a key's requests to one server, and so have them wait for it, as HAProxy's hashes do.</summary>
    private static readonly FrozenSet<string> KeyedPolicies = FrozenSet.ToFrozenSet(
        [ConsistentHashLoadBalancingPolicy.PolicyName, SourceLoadBalancingPolicy.PolicyName], StringComparer.OrdinalIgnoreCase);

    private readonly FrozenDictionary<string, ILoadBalancingPolicy> _policies = policies.ToFrozenDictionary(policy => policy.Name, StringComparer.OrdinalIgnoreCase);

    public Task InvokeAsync(HttpContext context)
    {
        var proxy = context.GetReverseProxyFeature();
        var cluster = proxy.Route.Cluster!;
        var admission = registry.Get(cluster);
        return admission.IsLimited ? Admit(context, proxy, cluster, admission) : next(context);
    }

    private Task Admit(HttpContext context, IReverseProxyFeature proxy, ClusterState cluster, ClusterAdmission admission)
    {
        var isHandshake = !HttpMethods.IsOptions(context.Request.Method) && !SessionIdQuery.HasSessionId(context.Request.QueryString);
        if (isHandshake && admission.Options.ClientHandshakeRate is > 0 and var rate && !admission.Clients.TryTake(context.Connection.RemoteIpAddress, rate))
        {
            admission.Queue.CountRefusal();
            Refuse(context, cluster, null, "client_handshake_rate");
            return Task.CompletedTask;
        }

        var acquired = AcquireAsync(context, proxy, cluster, admission, isHandshake);
        return acquired.IsCompletedSuccessfully
            ? GoOn(context, proxy, cluster, admission, acquired.Result.Outcome, acquired.Result.Server)
            : GoOnAsync(context, proxy, cluster, admission, acquired);
    }

    private async Task GoOnAsync(
        HttpContext context, IReverseProxyFeature proxy, ClusterState cluster, ClusterAdmission admission, Task<(AdmissionOutcome Outcome, DestinationState? Server)> acquired)
    {
        var (outcome, server) = await acquired;
        await GoOn(context, proxy, cluster, admission, outcome, server);
    }

    private Task GoOn(HttpContext context, IReverseProxyFeature proxy, ClusterState cluster, ClusterAdmission admission, AdmissionOutcome outcome, DestinationState? server)
    {
        switch (outcome)
        {
            case AdmissionOutcome.Admitted when server is null:
                // None is available, or balancing found none: what comes next says so.
                return next(context);
            case AdmissionOutcome.Admitted:
                RequestScope.Of(context).Push(new Slot(admission, server!));
                proxy.AvailableDestinations = server!;
                return next(context);
            case AdmissionOutcome.Left:
                context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
                return Task.CompletedTask;
            default:
                Refuse(context, cluster, server, outcome switch
                {
                    AdmissionOutcome.TimedOut => "queue_timeout",
                    AdmissionOutcome.RateLimited => "handshake_rate",
                    AdmissionOutcome.ServerLost => "server_down",
                    _ => "queue_full",
                });
                return Task.CompletedTask;
        }
    }

    private async Task<(AdmissionOutcome Outcome, DestinationState? Server)> AcquireAsync(
        HttpContext context, IReverseProxyFeature proxy, ClusterState cluster, ClusterAdmission admission, bool isHandshake)
    {
        var servers = proxy.AvailableDestinations;
        for (var attempt = 0; ; attempt++)
        {
            var (outcome, server) = servers.Count == 1
                ? await TakeOwnAsync(context, admission, servers[0], isHandshake)
                : await TakeAnyAsync(context, proxy, cluster, admission, servers, isHandshake);
            if (outcome is not (AdmissionOutcome.ServerLost or AdmissionOutcome.QueueFull) || server is null || attempt == MaxTries)
            {
                return (outcome, server);
            }

            // Its server is down by now, or as many wait for it as may: what happens then is configured.
            var persist = PersistOptions.Of(cluster.Model.Config);
            if (persist.OnFailure == LostServerAction.Status503)
            {
                return (outcome, server);
            }

            if (outcome == AdmissionOutcome.ServerLost && persist.OnFailure == LostServerAction.Wait && await watch.WaitAsync(cluster, server, persist.WaitTimeout, context.RequestAborted))
            {
                servers = server;
                continue;
            }

            var others = cluster.DestinationsState.AvailableDestinations.Where(each => each != server).ToList();
            if (others.Count == 0)
            {
                return (outcome, server);
            }

            admission.Of(server).Queue.CountRedispatch();
            metrics.Redispatched(cluster.ClusterId);
            servers = others;
        }
    }

    /// <summary>A slot of one server, and no other.</summary>
    private static async Task<(AdmissionOutcome Outcome, DestinationState? Server)> TakeOwnAsync(HttpContext context, ClusterAdmission admission, DestinationState server, bool isHandshake)
    {
        var outcome = admission.TryTake(server, isHandshake);
        switch (outcome)
        {
            case AdmissionOutcome.Admitted:
                return (outcome, server);
            case AdmissionOutcome.RateLimited:
                admission.Of(server).Queue.CountRefusal();
                return (outcome, server);
            default:
                (outcome, _) = await admission.WaitAsync(server, context.RequestAborted);
                if (outcome == AdmissionOutcome.QueueFull)
                {
                    admission.Of(server).Queue.CountRefusal();
                }

                return (outcome, server);
        }
    }

    /// <summary>A slot of whichever server balancing chooses among those that have one; else of the first that gets one.</summary>
    private async Task<(AdmissionOutcome Outcome, DestinationState? Server)> TakeAnyAsync(
        HttpContext context, IReverseProxyFeature proxy, ClusterState cluster, ClusterAdmission admission, IReadOnlyList<DestinationState> servers, bool isHandshake)
    {
        if (servers.Count == 0)
        {
            proxy.AvailableDestinations = servers;
            return (AdmissionOutcome.Admitted, null);
        }

        var name = cluster.Model.Config.LoadBalancingPolicy ?? DefaultPolicy;
        var policy = _policies[name];
        var isKeyed = KeyedPolicies.Contains(name);
        for (var attempt = 0; attempt < MaxTries; attempt++)
        {
            var free = admission.FindFree(servers, isHandshake, out var areAnyOpen);
            if (free.Count == 0 && areAnyOpen && !isKeyed)
            {
                break;
            }

            if (policy.PickDestination(context, cluster, isKeyed || free.Count == 0 ? servers : free) is not { } picked)
            {
                proxy.AvailableDestinations = [];
                return (AdmissionOutcome.Admitted, null);
            }

            if (isKeyed)
            {
                return await TakeOwnAsync(context, admission, picked, isHandshake);
            }

            if (admission.TryTake(picked, isHandshake) == AdmissionOutcome.Admitted)
            {
                return (AdmissionOutcome.Admitted, picked);
            }
        }

        // Waiting would only put off what the rate forbids.
        if (isHandshake && admission.FindFree(servers, isHandshake: false, out _).Count > 0)
        {
            admission.Queue.CountRefusal();
            return (AdmissionOutcome.RateLimited, null);
        }

        var (outcome, server) = await admission.WaitAsync(null, context.RequestAborted);
        if (outcome == AdmissionOutcome.QueueFull)
        {
            admission.Queue.CountRefusal();
        }

        return (outcome, server);
    }

    private void Refuse(HttpContext context, ClusterState cluster, DestinationState? server, string reason)
    {
        LogRefused(logger, cluster.ClusterId, server?.DestinationId ?? "<any>", reason);
        metrics.Refused(cluster.ClusterId, server?.DestinationId, reason);
        RetryAfter.Refuse(context, StatusCodes.Status503ServiceUnavailable);
    }

    private sealed class Slot(ClusterAdmission admission, DestinationState server) : RequestHold
    {
        public override void End(HttpContext context, bool hasThrown) => admission.GiveBack(server);

        public override void Leave(HttpContext context, SessionLease lease) => lease.Add(new TunnelSlot(admission, server));
    }

    /// <summary>The slot of a tunnel whose request has ended.</summary>
    private sealed class TunnelSlot(ClusterAdmission admission, DestinationState server) : SessionHold
    {
        public override void Release(ForwarderError error, Exception? exception) => admission.GiveBack(server);
    }

    [LoggerMessage(LogLevel.Debug, "Refused a request for {Cluster}/{Server}: {Reason}")]
    private static partial void LogRefused(ILogger logger, string cluster, string server, string reason);
}
