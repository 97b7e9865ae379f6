using StickyAspire.Yarp.Hashing;
using StickyAspire.Yarp.Model;

namespace StickyAspire.Yarp.LoadBalancing;

/// <summary>
/// A <see cref="ConsistentHashRing"/> and which of a roster's servers each of its owners is. Building a ring of a hundred servers takes milliseconds, and lists that lack some servers (down, full,
/// tried before) come along often; since a walk passes over who is not there, they all share the ring of the longest one.
/// </summary>
internal sealed class ServerRing
{
    private readonly ConsistentHashRing _ring;
    private readonly (ServerStatus Server, int Weight)[] _owners;
    private readonly int[] _places;

    public ServerRing(ReadOnlySpan<ServerStatus> servers)
    {
        _owners = new (ServerStatus Server, int Weight)[servers.Length];
        _places = new int[servers.Length];
        for (var i = 0; i < servers.Length; i++)
        {
            _owners[i] = (servers[i], GetWeight(servers[i]));
            _places[i] = i;
        }

        _ring = new ConsistentHashRing([.. _owners.Select(owner => (owner.Server.ServerId, owner.Weight))]);
    }

    private ServerRing(ServerRing other, int[] places)
    {
        _ring = other._ring;
        _owners = other._owners;
        _places = places;
    }

    /// <summary>The first server from the hash's place onwards that the filter accepts, as its index in the roster; -1 for none.</summary>
    public int Find<TFilter>(ulong hash, in TFilter filter)
        where TFilter : struct, IRingFilter, allows ref struct
    {
        var owner = _ring.Find(hash, new PlaceFilter<TFilter>(_places, filter));
        return owner < 0 ? -1 : _places[owner];
    }

    /// <summary>The same ring for another list; null where that has a server which this ring lacks.</summary>
    public ServerRing? For(ReadOnlySpan<ServerStatus> servers)
    {
        var indices = new Dictionary<ServerStatus, int>(servers.Length);
        for (var i = 0; i < servers.Length; i++)
        {
            indices[servers[i]] = i;
        }

        var places = new int[_owners.Length];
        var found = 0;
        for (var i = 0; i < places.Length; i++)
        {
            var isThere = indices.TryGetValue(_owners[i].Server, out var index);
            places[i] = isThere ? index : -1;
            found += isThere ? 1 : 0;
        }

        return found == servers.Length ? new ServerRing(this, places) : null;
    }

    /// <summary>Whether the weights are still those that the ring was built of.</summary>
    public bool Fits(ReadOnlySpan<ServerStatus> servers)
    {
        for (var i = 0; i < _owners.Length; i++)
        {
            if (_places[i] >= 0 && GetWeight(servers[_places[i]]) != _owners[i].Weight)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The configured weight as the server reports it. Slowstart has no part in it, since every step of it would move keys.</summary>
    private static int GetWeight(ServerStatus server) => (int)Math.Ceiling(server.Options.Weight * server.WeightPercent / 100.0);

    private readonly ref struct PlaceFilter<TFilter>(int[] places, TFilter filter) : IRingFilter
        where TFilter : struct, IRingFilter, allows ref struct
    {
        private readonly TFilter _filter = filter;

        public bool Accepts(int index) => places[index] >= 0 && _filter.Accepts(places[index]);
    }
}
