using System.Buffers.Binary;
using System.IO.Hashing;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace StickyAspire.Yarp.Hashing;

/// <summary>
/// HAProxy's <c>hash-type consistent</c>: every server has points on a ring, as many as its weight asks for, and a key belongs to the first point at or behind its hash.
/// A server that joins takes over its share and moves no other key; one that leaves spreads its own. The ring depends on nothing but ids and weights, so gateways that share
/// nothing agree. Immutable; finding a server allocates nothing.
/// </summary>
internal sealed class ConsistentHashRing
{
    /// <summary>Points of a server of the greatest weight, at least. A server's share then strays from its weight by about 1/√512 = 4 %.</summary>
    private const int MinPoints = 512;

    /// <summary>As many servers fit the walk's notes on the stack.</summary>
    private const int MaxNoted = 1_024;

    private readonly ulong[] _hashes;
    private readonly int[] _owners;

    // Where to begin looking, by the hash's first bits: hashes are spread evenly, so the point is there or one or two further.
    private readonly int[] _starts;
    private readonly int _shift;
    private readonly int _ownerCount;

    /// <summary>Builds the ring.</summary>
    /// <param name="servers">The servers, in any order; results are indices into this list. A weight of 0 gets no point.</param>
    public ConsistentHashRing(IReadOnlyList<(string Id, int Weight)> servers)
    {
        ArgumentNullException.ThrowIfNull(servers);
        var maxWeight = 1;
        foreach (var (_, weight) in servers)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(weight);
            maxWeight = Math.Max(maxWeight, weight);
        }

        // In steps of powers of two, so that a new greatest weight seldom changes everybody's number of points.
        var perWeight = Math.Max(1, MinPoints / (int)BitOperations.RoundUpToPowerOf2((uint)maxWeight));
        var points = new List<(ulong Hash, int Owner)>();
        for (var owner = 0; owner < servers.Count; owner++)
        {
            var id = XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(servers[owner].Id));
            var count = servers[owner].Weight * perWeight;
            _ownerCount += count > 0 ? 1 : 0;
            for (var i = 0; i < count; i++)
            {
                points.Add((Mix(id + ((ulong)i * 0x9E3779B97F4A7C15)), owner));
            }
        }

        // Equal hashes are put in the order of ids, which is the same for every gateway, not in that of the list.
        points.Sort((a, b) => a.Hash != b.Hash ? a.Hash.CompareTo(b.Hash) : string.CompareOrdinal(servers[a.Owner].Id, servers[b.Owner].Id));
        _hashes = [.. points.Select(each => each.Hash)];
        _owners = [.. points.Select(each => each.Owner)];

        var bits = BitOperations.Log2((uint)Math.Max(2, points.Count));
        _shift = 64 - bits;
        _starts = new int[1 << bits];
        for (int bucket = 0, point = 0; bucket < _starts.Length; bucket++)
        {
            while (point < _hashes.Length && _hashes[point] < (ulong)bucket << _shift)
            {
                point++;
            }

            _starts[bucket] = point;
        }
    }

    /// <summary>The hash of a key that is text.</summary>
    public static ulong Hash(ReadOnlySpan<char> key)
    {
        if (BitConverter.IsLittleEndian)
        {
            return XxHash3.HashToUInt64(MemoryMarshal.AsBytes(key));
        }

        // Gateways on machines of either kind agree.
        var swapped = new ushort[key.Length];
        BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<char, ushort>(key), swapped);
        return XxHash3.HashToUInt64(MemoryMarshal.AsBytes<ushort>(swapped));
    }

    /// <summary>The hash of a key that is bytes, such as an address.</summary>
    public static ulong Hash(ReadOnlySpan<byte> key) => XxHash3.HashToUInt64(key);

    /// <summary>The index of the server that the key with this hash belongs to; -1 where there is none.</summary>
    public int Find(ulong hash) => _hashes.Length == 0 ? -1 : _owners[FindPoint(hash)];

    /// <summary>
    /// The first server from the key's place onwards that the filter accepts, so that keys of a server that is refused (down, or with more than its share under
    /// <c>hash-balance-factor</c>) go to its neighbours on the ring; -1 where it accepts none.
    /// </summary>
    public int Find<TFilter>(ulong hash, in TFilter filter)
        where TFilter : struct, IRingFilter, allows ref struct
    {
        if (_hashes.Length == 0)
        {
            return -1;
        }

        Span<ulong> refused = stackalloc ulong[MaxNoted / 64];
        var left = _ownerCount;
        var point = FindPoint(hash);
        for (var i = 0; i < _owners.Length && left > 0; i++)
        {
            var owner = _owners[point];
            if (owner >= MaxNoted)
            {
                if (filter.Accepts(owner))
                {
                    return owner;
                }
            }
            else if ((refused[owner / 64] & (1UL << (owner % 64))) == 0)
            {
                if (filter.Accepts(owner))
                {
                    return owner;
                }

                refused[owner / 64] |= 1UL << (owner % 64);
                left--;
            }

            point = point + 1 < _owners.Length ? point + 1 : 0;
        }

        return -1;
    }

    /// <summary>SplitMix64's finalizer. Seeding XxHash3 with the number instead leaves gaps on the ring: of ids as short as ours, neighbouring seeds give hashes that are not independent.</summary>
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    private int FindPoint(ulong hash)
    {
        var hashes = _hashes;
        var point = _starts[hash >> _shift];
        while (point < hashes.Length && hashes[point] < hash)
        {
            point++;
        }

        return point < hashes.Length ? point : 0;
    }
}
