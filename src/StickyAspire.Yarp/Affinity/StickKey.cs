using System.IO.Hashing;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace StickyAspire.Yarp.Affinity;

/// <summary>Finds what a session is known by in a request or an answer, and hashes it.</summary>
internal static class StickKey
{
    private const int MaxAddressLength = 16;

    /// <summary>The request's key. False where it has none.</summary>
    public static bool TryGet(HttpContext context, StickSource source, string name, out UInt128 hash)
    {
        switch (source)
        {
            case StickSource.AppCookie when CookieHeader.TryGet(context.Request.Headers.Cookie, name, out var cookie):
                return TryHash(cookie, out hash);
            case StickSource.Header when context.Request.Headers.TryGetValue(name, out var values) && values.Count > 0:
                return TryHash(values[0], out hash);
            case StickSource.Query:
                return TryGetFromQuery(context.Request.QueryString, name, out hash);
            case StickSource.Source when context.Connection.RemoteIpAddress is { } address:
                return TryHash(address, out hash);
            default:
                hash = default;
                return false;
        }
    }

    /// <summary>The key that the application gives its client with this answer. False where it gives none.</summary>
    public static bool TryGetSetCookie(HttpResponse response, string name, out UInt128 hash)
    {
        foreach (var header in response.Headers.SetCookie)
        {
            if (header is not null && CookieHeader.IsSetCookie(header, name, out var value))
            {
                return TryHash(header.AsSpan()[value].Trim().Trim('"'), out hash);
            }
        }

        hash = default;
        return false;
    }

    private static bool TryGetFromQuery(QueryString query, string name, out UInt128 hash)
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

        hash = default;
        return false;
    }

    private static bool TryHash(ReadOnlySpan<char> text, out UInt128 hash)
    {
        hash = text.IsEmpty ? default : XxHash128.HashToUInt128(MemoryMarshal.AsBytes(text));
        return !text.IsEmpty;
    }

    private static bool TryHash(IPAddress address, out UInt128 hash)
    {
        Span<byte> bytes = stackalloc byte[MaxAddressLength];
        address.TryWriteBytes(bytes, out var length);

        // A socket for both kinds has IPv4 addresses in IPv6's clothes; the last four bytes are the same address.
        ReadOnlySpan<byte> significant = address.AddressFamily == AddressFamily.InterNetworkV6 && address.IsIPv4MappedToIPv6 ? bytes[12..length] : bytes[..length];
        hash = XxHash128.HashToUInt128(significant);
        return true;
    }
}
