using Microsoft.Extensions.Primitives;

namespace StickyAspire.Yarp.Affinity;

/// <summary>Finds and removes one cookie in <c>Cookie</c> headers, without touching a byte of the others.</summary>
internal static class CookieHeader
{
    /// <summary>The value of the first cookie of that name, without quotes; or false.</summary>
    public static bool TryGet(StringValues headers, string name, out ReadOnlySpan<char> value)
    {
        foreach (var header in headers)
        {
            if (header is not null && TryFind(header, name, out var start, out var end))
            {
                value = header.AsSpan(start, end - start);
                value = value[(value.IndexOf('=') + 1)..].Trim().Trim('"');
                return true;
            }
        }

        value = default;
        return false;
    }

    /// <summary>The header without any cookie of that name; or null where nothing is left.</summary>
    public static string? Remove(string header, string name)
    {
        while (TryFind(header, name, out var start, out var end))
        {
            // The separator goes with it: the one behind, or for the last cookie the one before.
            if (end < header.Length)
            {
                end++;
                while (end < header.Length && header[end] == ' ')
                {
                    end++;
                }
            }
            else
            {
                start = header.LastIndexOf(';', Math.Max(start - 1, 0)) is var separator and >= 0 ? separator : start;
            }

            header = header.Remove(start, end - start);
        }

        return header.Length == 0 ? null : header;
    }

    /// <summary>Finds <c>name=value</c> from its first character to the semicolon or the header's end.</summary>
    private static bool TryFind(string header, string name, out int start, out int end)
    {
        for (start = 0; start < header.Length; start = end + 1)
        {
            while (start < header.Length && header[start] is ' ' or '\t')
            {
                start++;
            }

            end = header.IndexOf(';', start) is var separator and >= 0 ? separator : header.Length;
            var cookie = header.AsSpan(start, end - start);
            var equals = cookie.IndexOf('=');
            if (equals >= 0 && cookie[..equals].TrimEnd().SequenceEqual(name))
            {
                return true;
            }
        }

        end = header.Length;
        return false;
    }
}
