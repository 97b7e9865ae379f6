using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Model;

namespace StickyAspire.Yarp.Affinity;

/// <summary>
/// Finds a server by its id or by what its cookie says, in one of YARP's lists of destinations. Those are never changed, only replaced, so an index is made once for each.
/// </summary>
internal sealed class ServerIndex
{
    private static readonly ConditionalWeakTable<IReadOnlyList<DestinationState>, ServerIndex> Cache = [];

    private readonly ClusterConfig _cluster;
    private readonly FrozenDictionary<string, DestinationState>.AlternateLookup<ReadOnlySpan<char>> _byId;
    private readonly FrozenDictionary<string, DestinationState>.AlternateLookup<ReadOnlySpan<char>> _byCookie;
    private readonly FrozenDictionary<DestinationState, string> _cookies;

    private ServerIndex(ClusterConfig cluster, IReadOnlyList<DestinationState> destinations)
    {
        _cluster = cluster;
        var key = ServerCookieOptions.Of(cluster).DynamicKey;
        _cookies = destinations.ToFrozenDictionary(each => each, each => GetCookie(each, key));

        // Servers may share a cookie value, by mistake or as HAProxy has it for a backup's sake: the first that is there is meant.
        _byCookie = destinations.DistinctBy(each => _cookies[each], StringComparer.Ordinal)
            .ToFrozenDictionary(each => _cookies[each], StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        _byId = destinations.ToFrozenDictionary(each => each.DestinationId, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public static ServerIndex Of(ClusterConfig cluster, IReadOnlyList<DestinationState> destinations)
    {
        if (Cache.TryGetValue(destinations, out var index) && ReferenceEquals(index._cluster, cluster))
        {
            return index;
        }

        index = new ServerIndex(cluster, destinations);
        Cache.AddOrUpdate(destinations, index);
        return index;
    }

    public DestinationState? FindById(ReadOnlySpan<char> id) => _byId.TryGetValue(id, out var destination) ? destination : null;

    public DestinationState? FindByCookie(ReadOnlySpan<char> value) => _byCookie.TryGetValue(value, out var destination) ? destination : null;

    /// <summary>What names the server in a cookie; its id where it is not in this list, as after a reload.</summary>
    public string CookieOf(DestinationState destination) => _cookies.TryGetValue(destination, out var cookie) ? cookie : destination.DestinationId;

    private static string GetCookie(DestinationState destination, string? dynamicKey)
    {
        // A value of its own is stronger than "dynamic", as in HAProxy.
        var config = destination.Model?.Config;
        if (config?.Metadata?.TryGetValue(ServerCookieOptions.ValueKey, out var value) == true)
        {
            return value;
        }

        return dynamicKey is not null && Uri.TryCreate(config?.Address, UriKind.Absolute, out var address) ? DynamicCookie.Create(dynamicKey, address) : destination.DestinationId;
    }
}
