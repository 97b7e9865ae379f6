using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Model;
using Yarp.ReverseProxy.SessionAffinity;

namespace StickyAspire.Yarp.Affinity;

/// <summary>
/// The server that a session lives on, by the session id in the query, which names it; else by a cookie, as HAProxy's <c>cookie</c> sets and reads it.
/// Needs no state, so any number of gateways agree.
/// </summary>
internal sealed class ServerIdSessionAffinityPolicy(TimeProvider timeProvider) : ISessionAffinityPolicy
{
    public const string PolicyName = "ServerId";

    public string Name => PolicyName;

    public AffinityResult FindAffinitizedDestinations(
        HttpContext context, ClusterState cluster, SessionAffinityConfig config, IReadOnlyList<DestinationState> destinations)
    {
        var clusterConfig = cluster.Model.Config;
        var persist = PersistOptions.Of(clusterConfig);
        if (persist.Ignore?.IsMet(context.Request) == true)
        {
            return new AffinityResult(null, AffinityStatus.AffinityKeyNotSet);
        }

        var available = ServerIndex.Of(clusterConfig, destinations);
        DestinationState? lost = null;
        var hasKey = SessionIdQuery.TryGetServerId(context.Request.QueryString, out var serverId);
        if (hasKey)
        {
            if (available.FindById(serverId) is { } home)
            {
                return new AffinityResult(home, AffinityStatus.OK);
            }

            lost = AllOf(cluster).FindById(serverId);
        }

        // The session id is stronger: with its server down, another that a cookie names is only as good as any.
        if (lost is null || persist is { OnFailure: LostServerAction.Redispatch, Force: null })
        {
            var options = ServerCookieOptions.Of(clusterConfig);
            foreach (var value in CookieHeader.Enumerate(context.Request.Headers.Cookie, config.AffinityKeyName))
            {
                // An old cookie is none at all.
                var cookie = ServerCookieValue.Parse(value, options);
                if (cookie.Server.IsEmpty || (options.HasDates && cookie.IsVoid(options, timeProvider.GetUtcNow())))
                {
                    continue;
                }

                hasKey = true;
                if (available.FindByCookie(cookie.Server) is { } known)
                {
                    return new AffinityResult(known, AffinityStatus.OK);
                }

                lost ??= AllOf(cluster).FindByCookie(cookie.Server);
            }
        }

        if (lost is not null)
        {
            if (persist.Force?.IsMet(context.Request) == true)
            {
                return new AffinityResult(lost, AffinityStatus.OK);
            }

            context.Features.Set(new LostServerFeature(lost));
        }

        // A server that is gone, or a cookie that somebody made up: balanced again, or what the failure policy says.
        return new AffinityResult(null, hasKey ? AffinityStatus.DestinationNotFound : AffinityStatus.AffinityKeyNotSet);
    }

    public void AffinitizeResponse(HttpContext context, ClusterState cluster, SessionAffinityConfig config, DestinationState destination)
    {
        var clusterConfig = cluster.Model.Config;
        if (PersistOptions.Of(clusterConfig).Ignore?.IsMet(context.Request) == true)
        {
            return;
        }

        var options = ServerCookieOptions.Of(clusterConfig);
        var name = AllOf(cluster).CookieOf(destination);
        var now = options.HasDates ? timeProvider.GetUtcNow() : default;
        var isDirect = TryFindValid(context, config, options, name, now, out var present);
        var isServers = ServerSetCookie.Apply(context.Response, config.AffinityKeyName, name, options, isDirect);
        if (options.Mode != CookieMode.Insert
            || (isServers && options.Preserve)
            || (isDirect && !present.NeedsRefresh(options, now))
            || (options.PostOnly && !HttpMethods.IsPost(context.Request.Method))
            || (!isDirect && IsAnotherSessions(context, cluster, config, options, destination)))
        {
            return;
        }

        ServerIdCookie.Insert(context, config, options, ServerCookieValue.Create(name, isDirect ? present.First : null, options, now), timeProvider);
    }

    /// <summary>Whether the client has sent a valid cookie for that server.</summary>
    private static bool TryFindValid(HttpContext context, SessionAffinityConfig config, ServerCookieOptions options, string name, DateTimeOffset now, out ServerCookieValue cookie)
    {
        foreach (var value in CookieHeader.Enumerate(context.Request.Headers.Cookie, config.AffinityKeyName))
        {
            cookie = ServerCookieValue.Parse(value, options);
            if (cookie.Server.SequenceEqual(name) && !(options.HasDates && cookie.IsVoid(options, now)))
            {
                return true;
            }
        }

        cookie = default;
        return false;
    }

    /// <summary>
    /// Whether the session id decided and the cookie, valid too, is for another server: a browser with two sessions. Neither is touched.
    /// </summary>
    private static bool IsAnotherSessions(HttpContext context, ClusterState cluster, SessionAffinityConfig config, ServerCookieOptions options, DestinationState destination) =>
        SessionIdQuery.TryGetServerId(context.Request.QueryString, out var serverId)
        && serverId.SequenceEqual(destination.DestinationId)
        && CookieHeader.TryGet(context.Request.Headers.Cookie, config.AffinityKeyName, out var present)
        && ServerIndex.Of(cluster.Model.Config, cluster.DestinationsState.AvailableDestinations).FindByCookie(ServerCookieValue.Parse(present, options).Server) is not null;

    private static ServerIndex AllOf(ClusterState cluster) => ServerIndex.Of(cluster.Model.Config, cluster.DestinationsState.AllDestinations);
}
