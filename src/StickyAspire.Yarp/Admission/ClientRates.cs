using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;

namespace StickyAspire.Yarp.Admission;

/// <summary>The sessions that each client address has begun lately. Bounded: under an attack from very many addresses the ones that have been idle longest are forgotten.</summary>
internal sealed class ClientRates(TimeProvider timeProvider)
{
    /// <summary>As many addresses are remembered at most; some 6 MB.</summary>
    private const int MaxClients = 100_000;

    /// <summary>An IPv6 client has a whole network to take addresses from.</summary>
    private const int NetworkBytes = 8;

    private readonly Lock _gate = new();
    private readonly Dictionary<UInt128, TokenBucket> _buckets = [];

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _buckets.Count;
            }
        }
    }

    /// <summary>Counts a session that begins. False where the client has begun too many.</summary>
    public bool TryTake(IPAddress? client, int rate)
    {
        if (client is null)
        {
            return true;
        }

        var now = timeProvider.GetTimestamp();
        var key = KeyOf(client);
        lock (_gate)
        {
            if (_buckets.Count >= MaxClients && !_buckets.ContainsKey(key))
            {
                MakeRoom(rate, now);
            }

            ref var bucket = ref CollectionsMarshal.GetValueRefOrAddDefault(_buckets, key, out _);
            if (!bucket.Has(rate, now, timeProvider))
            {
                return false;
            }

            bucket.Take();
            return true;
        }
    }

    private static UInt128 KeyOf(IPAddress client)
    {
        Span<byte> bytes = stackalloc byte[16];
        client.TryWriteBytes(bytes, out var length);
        if (length == bytes.Length && !client.IsIPv4MappedToIPv6)
        {
            bytes[NetworkBytes..].Clear();
        }
        else if (length == bytes.Length)
        {
            bytes = bytes[12..];
        }
        else
        {
            bytes = bytes[..length];
        }

        return bytes.Length == sizeof(uint) ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    /// <summary>Forgets clients whose bucket is full again, which changes nothing for them; where there are none, all: better some get a second chance than memory ends.</summary>
    private void MakeRoom(int rate, long now)
    {
        foreach (var (key, bucket) in _buckets)
        {
            if (bucket.IsFull(rate, now, timeProvider))
            {
                _buckets.Remove(key);
            }
        }

        if (_buckets.Count >= MaxClients)
        {
            _buckets.Clear();
        }
    }
}
