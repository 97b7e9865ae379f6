using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using StickyAspire.Yarp.Hashing;
using StickyAspire.Yarp.Model;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Model;
using Yarp.ReverseProxy.SessionAffinity;

namespace StickyAspire.Yarp.Affinity;

/// <summary>
/// HAProxy's <c>stick on</c>: a session is known by a cookie of the application, a header, a parameter or the client's address, and finds its server by a consistent hash of that or in a table.
/// </summary>
internal sealed class StickSessionAffinityPolicy(IStickTable table) : ISessionAffinityPolicy
{
    public const string PolicyName = "Stick";

    private readonly ConditionalWeakTable<IReadOnlyList<DestinationState>, ConsistentHashRing> _rings = [];

    public string Name => PolicyName;

    public AffinityResult FindAffinitizedDestinations(
        HttpContext context, ClusterState cluster, SessionAffinityConfig config, IReadOnlyList<DestinationState> destinations) =>
        FindAffinitizedDestinationsAsync(context, cluster, config, destinations, context.RequestAborted).AsTask().GetAwaiter().GetResult();

    public ValueTask<AffinityResult> FindAffinitizedDestinationsAsync(
        HttpContext context, ClusterState cluster, SessionAffinityConfig config, IReadOnlyList<DestinationState> destinations, CancellationToken cancellationToken)
    {
        var clusterConfig = cluster.Model.Config;
        var options = StickOptions.Of(clusterConfig);
        if (PersistOptions.Of(clusterConfig).Ignore?.IsMet(context.Request) == true
            || !StickKey.TryGet(context, options.Source, options.Name ?? config.AffinityKeyName, out var hash))
        {
            return ValueTask.FromResult(new AffinityResult(null, AffinityStatus.AffinityKeyNotSet));
        }

        if (options.Method == StickMethod.Hash)
        {
            return ValueTask.FromResult(FindByHash(context, cluster, destinations, (ulong)hash));
        }

        var finding = table.FindAsync(new StickTableKey(cluster.ClusterId, hash), options.Table, cancellationToken);
        return finding.IsCompletedSuccessfully
            ? ValueTask.FromResult(Resolve(context, cluster, destinations, finding.Result))
            : AwaitAsync(finding, context, cluster, destinations);
    }

    public void AffinitizeResponse(HttpContext context, ClusterState cluster, SessionAffinityConfig config, DestinationState destination) =>
        AffinitizeResponseAsync(context, cluster, config, destination, context.RequestAborted).AsTask().GetAwaiter().GetResult();

    public ValueTask AffinitizeResponseAsync(HttpContext context, ClusterState cluster, SessionAffinityConfig config, DestinationState destination, CancellationToken cancellationToken)
    {
        var clusterConfig = cluster.Model.Config;
        var options = StickOptions.Of(clusterConfig);
        if (options.Method == StickMethod.Hash || PersistOptions.Of(clusterConfig).Ignore?.IsMet(context.Request) == true)
        {
            return ValueTask.CompletedTask;
        }

        // A key that the application mints with this answer replaces the one that came with the request.
        var name = options.Name ?? config.AffinityKeyName;
        var isNew = options.Source == StickSource.AppCookie && StickKey.TryGetSetCookie(context.Response, name, out var hash)
            ? hash
            : StickKey.TryGet(context, options.Source, name, out hash) && context.Features.Get<StickMatch>()?.Server != destination ? hash : (UInt128?)null;
        return isNew is { } key ? table.StoreAsync(new StickTableKey(cluster.ClusterId, key), destination.DestinationId, options.Table, cancellationToken) : ValueTask.CompletedTask;
    }

    private static async ValueTask<AffinityResult> AwaitAsync(
        ValueTask<string?> finding, HttpContext context, ClusterState cluster, IReadOnlyList<DestinationState> destinations) =>
        Resolve(context, cluster, destinations, await finding);

    private static AffinityResult Resolve(HttpContext context, ClusterState cluster, IReadOnlyList<DestinationState> destinations, string? serverId)
    {
        if (serverId is null)
        {
            return new AffinityResult(null, AffinityStatus.AffinityKeyNotSet);
        }

        if (ServerIndex.Of(cluster.Model.Config, destinations).FindById(serverId) is not { } server)
        {
            return Lose(context, cluster, ServerIndex.Of(cluster.Model.Config, cluster.DestinationsState.AllDestinations).FindById(serverId));
        }

        context.Features.Set(new StickMatch(server));
        return new AffinityResult(server, AffinityStatus.OK);
    }

    private static AffinityResult Lose(HttpContext context, ClusterState cluster, DestinationState? server)
    {
        if (server is not null)
        {
            if (PersistOptions.Of(cluster.Model.Config).Force?.IsMet(context.Request) == true)
            {
                return new AffinityResult(server, AffinityStatus.OK);
            }

            context.Features.Set(new LostServerFeature(server));
        }

        return new AffinityResult(null, AffinityStatus.DestinationNotFound);
    }

    private AffinityResult FindByHash(HttpContext context, ClusterState cluster, IReadOnlyList<DestinationState> destinations, ulong hash)
    {
        // The ring has all servers, so that one that is down comes back to its own keys and nobody else's ever move.
        var all = cluster.DestinationsState.AllDestinations;
        var ring = _rings.TryGetValue(all, out var known) ? known : AddRing(cluster, all);
        var available = new Available(ServerIndex.Of(cluster.Model.Config, destinations), all);
        var owner = ring.Find(hash);
        if (owner >= 0 && available.Accepts(owner))
        {
            return new AffinityResult(all[owner], AffinityStatus.OK);
        }

        // A key without an owner is one of a cluster whose servers all have weight 0.
        var persist = PersistOptions.Of(cluster.Model.Config);
        if (owner >= 0 && (persist.OnFailure != LostServerAction.Redispatch || persist.Force?.IsMet(context.Request) == true))
        {
            return Lose(context, cluster, all[owner]);
        }

        var next = ring.Find(hash, available);
        return next >= 0 ? new AffinityResult(all[next], AffinityStatus.OK) : new AffinityResult(null, AffinityStatus.DestinationNotFound);
    }

    private ConsistentHashRing AddRing(ClusterState cluster, IReadOnlyList<DestinationState> all) =>
        _rings.GetValue(all, _ => new ConsistentHashRing([.. all.Select(each => (each.DestinationId, ServerOptions.Of(cluster.Model.Config, each.Model.Config).Weight))]));

    private readonly struct Available(ServerIndex index, IReadOnlyList<DestinationState> all) : IRingFilter
    {
        public bool Accepts(int candidate) => index.FindById(all[candidate].DestinationId) is not null;
    }

    /// <summary>On a request whose server the table knew: it need not be told.</summary>
    private sealed record StickMatch(DestinationState Server);
}
