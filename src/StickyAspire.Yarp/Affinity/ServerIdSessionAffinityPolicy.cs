using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Model;
using Yarp.ReverseProxy.SessionAffinity;

namespace StickyAspire.Yarp.Affinity;

/// <summary>
/// The server that a session lives on, by the session id in the query, which names it; else by a cookie, as HAProxy's
/// <c>cookie SERVERID insert indirect nocache</c> sets it. Needs no state, so any number of gateways agree.
/// </summary>
internal sealed class ServerIdSessionAffinityPolicy : ISessionAffinityPolicy
{
    public const string PolicyName = "ServerId";

    private readonly ConditionalWeakTable<DestinationState, DestinationState[]> _results = [];

    public string Name => PolicyName;

    public AffinityResult FindAffinitizedDestinations(
        HttpContext context, ClusterState cluster, SessionAffinityConfig config, IReadOnlyList<DestinationState> destinations)
    {
        var hasKey = SessionIdQuery.TryGetServerId(context.Request.QueryString, out var serverId);
        if (hasKey && Find(destinations, serverId) is { } home)
        {
            return new AffinityResult(GetResult(home), AffinityStatus.OK);
        }

        if (CookieHeader.TryGet(context.Request.Headers.Cookie, config.AffinityKeyName, out serverId))
        {
            hasKey = true;
            if (Find(destinations, serverId) is { } known)
            {
                return new AffinityResult(GetResult(known), AffinityStatus.OK);
            }
        }

        // A server that is gone, or a cookie that somebody made up: balanced again.
        return new AffinityResult(null, hasKey ? AffinityStatus.DestinationNotFound : AffinityStatus.AffinityKeyNotSet);
    }

    public void AffinitizeResponse(HttpContext context, ClusterState cluster, SessionAffinityConfig config, DestinationState destination)
    {
        if (CookieHeader.TryGet(context.Request.Headers.Cookie, config.AffinityKeyName, out var present)
            && (present.SequenceEqual(destination.DestinationId) || IsAnotherSessions(context, cluster, present, destination)))
        {
            return;
        }

        ServerIdCookie.Insert(context, config, destination.DestinationId);
    }

    /// <summary>
    /// Whether the session id decided and the cookie, valid too, is for another server: a browser with two sessions. Neither is touched.
    /// </summary>
    private static bool IsAnotherSessions(HttpContext context, ClusterState cluster, ReadOnlySpan<char> present, DestinationState destination) =>
        SessionIdQuery.TryGetServerId(context.Request.QueryString, out var serverId)
        && serverId.SequenceEqual(destination.DestinationId)
        && Find(cluster.DestinationsState.AvailableDestinations, present) is not null;

    private static DestinationState? Find(IReadOnlyList<DestinationState> destinations, ReadOnlySpan<char> serverId)
    {
        for (var i = 0; i < destinations.Count; i++)
        {
            if (serverId.SequenceEqual(destinations[i].DestinationId))
            {
                return destinations[i];
            }
        }

        return null;
    }

    /// <summary>The list of one that YARP asks for, made once for each destination.</summary>
    private DestinationState[] GetResult(DestinationState destination) => _results.GetValue(destination, static each => [each]);
}
