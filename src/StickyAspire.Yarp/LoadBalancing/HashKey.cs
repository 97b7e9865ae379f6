using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using StickyAspire.Yarp.Affinity;
using StickyAspire.Yarp.Hashing;

namespace StickyAspire.Yarp.LoadBalancing;

/// <summary>Hashes what of a request balancing goes by, without allocating.</summary>
internal static class HashKey
{
    private const int MaxAddressBytes = 16;

    /// <summary>False where the request has none of what is hashed.</summary>
    public static bool TryGet(HttpContext context, HashOptions options, out ulong hash)
    {
        switch (options.On)
        {
            case HashSource.Header when context.Request.Headers.TryGetValue(options.Name, out var values) && values.Count > 0:
                return TryHash(values[0], out hash);
            case HashSource.Cookie when CookieHeader.TryGet(context.Request.Headers.Cookie, options.Name, out var cookie):
                return TryHash(cookie, out hash);
            case HashSource.Query:
                return TryGetQuery(context.Request.QueryString, options.Name, out hash);
            case HashSource.Path:
                return TryHash(context.Request.Path.Value, out hash);
            case HashSource.Source:
                return TryGetSource(context.Connection.RemoteIpAddress, out hash);
            default:
                hash = 0;
                return false;
        }
    }

    /// <summary>The client's address, an IPv4 one the same whether it came over an IPv6 socket or not.</summary>
    public static bool TryGetSource(IPAddress? address, out ulong hash)
    {
        Span<byte> bytes = stackalloc byte[MaxAddressBytes];
        if (address is null || !address.TryWriteBytes(bytes, out var length))
        {
            hash = 0;
            return false;
        }

        hash = ConsistentHashRing.Hash(address.IsIPv4MappedToIPv6 ? bytes[12..] : bytes[..length]);
        return true;
    }

    private static bool TryGetQuery(QueryString query, string name, out ulong hash)
    {
        if (query.HasValue)
        {
            foreach (var pair in new QueryStringEnumerable(query.Value.AsMemory()))
            {
                if (pair.EncodedName.Span.SequenceEqual(name))
                {
                    return TryHash(pair.EncodedValue.Span, out hash);
                }
            }
        }

        hash = 0;
        return false;
    }

    private static bool TryHash(ReadOnlySpan<char> key, out ulong hash)
    {
        hash = key.IsEmpty ? 0 : ConsistentHashRing.Hash(key);
        return !key.IsEmpty;
    }
}
