using Microsoft.Extensions.Primitives;

namespace StickyAspire.Yarp.Affinity;

/// <summary>Finds, changes and removes one cookie in <c>Cookie</c> and <c>Set-Cookie</c> headers, without touching a byte of the others.</summary>
internal static class CookieHeader
{
    /// <summary>The value of the first cookie of that name, without quotes; or false.</summary>
    public static bool TryGet(StringValues headers, string name, out ReadOnlySpan<char> value)
    {
        var cookies = Enumerate(headers, name);
        if (cookies.MoveNext())
        {
            value = cookies.Current;
            return true;
        }

        value = default;
        return false;
    }

    /// <summary>The values of all cookies of that name, without quotes: a browser sends several where they were set for several paths.</summary>
    public static Enumerator Enumerate(StringValues headers, string name) => new(headers, name);

    /// <summary>The header without any cookie of that name; or null where nothing is left.</summary>
    public static string? Remove(string header, string name)
    {
        while (TryFind(header, name, 0, out var start, out var end))
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

    /// <summary>The header with everything up to the delimiter taken off the value of each cookie of that name: HAProxy's <c>prefix</c>, on the way in.</summary>
    public static string RemovePrefix(string header, string name, char delimiter)
    {
        for (var from = 0; TryFind(header, name, from, out var start, out var end); from = end)
        {
            var value = header.IndexOf('=', start) + 1;
            var length = header.AsSpan(value, end - value).IndexOf(delimiter) + 1;
            header = header.Remove(value, length);
            end -= length;
        }

        return header;
    }

    /// <summary>Whether a <c>Set-Cookie</c> header sets the cookie of that name; and where its value begins and ends, quotes included.</summary>
    public static bool IsSetCookie(string header, string name, out Range value)
    {
        var end = header.IndexOf(';', StringComparison.Ordinal) is var semicolon and >= 0 ? semicolon : header.Length;
        var equals = header.AsSpan(0, end).IndexOf('=');
        if (equals < 0 || !header.AsSpan(0, equals).Trim().SequenceEqual(name))
        {
            value = default;
            return false;
        }

        value = (equals + 1)..end;
        return true;
    }

    /// <summary>Finds <c>name=value</c> from its first character to the semicolon or the header's end.</summary>
    private static bool TryFind(string header, string name, int from, out int start, out int end)
    {
        for (start = from; start < header.Length; start = end + 1)
        {
            while (start < header.Length && header[start] is ' ' or '\t' or ';')
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

    /// <summary>Walks over the cookies of one name.</summary>
    internal ref struct Enumerator(StringValues headers, string name)
    {
        private int _header;
        private int _position;

        public ReadOnlySpan<char> Current { get; private set; }

        public readonly Enumerator GetEnumerator() => this;

        public bool MoveNext()
        {
            for (; _header < headers.Count; _header++, _position = 0)
            {
                if (headers[_header] is { } header && TryFind(header, name, _position, out var start, out _position))
                {
                    var cookie = header.AsSpan(start, _position - start);
                    Current = cookie[(cookie.IndexOf('=') + 1)..].Trim().Trim('"');
                    return true;
                }
            }

            return false;
        }
    }
}
