using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace StickyAspire.SocketIO.Engine;

/// <summary>
/// Lets sessions share the text of their headers. A request's headers stay in memory as long as its WebSocket does, and most browsers say the same:
/// some 700 bytes a session. A fixed number of places, so that no client can make it grow.
/// </summary>
internal static class SharedHeaderValues
{
    private const int Places = 1024;
    private const int MaxLength = 256;

    private static readonly string?[] Values = new string?[Places];

    /// <summary>Puts shared values in the place of equal ones, and copies the headers.</summary>
    public static KeyValuePair<string, StringValues>[] Share(IHeaderDictionary headers)
    {
        // Not by enumeration: Kestrel keeps an enumerator as long as the headers themselves.
        var copy = new KeyValuePair<string, StringValues>[headers.Count];
        headers.CopyTo(copy, 0);
        foreach (ref var header in copy.AsSpan())
        {
            if (header.Value.Count == 1 && header.Value.ToString() is { Length: <= MaxLength } value && !IsOfOneClient(header.Key))
            {
                var shared = Get(value);
                if (!ReferenceEquals(shared, value))
                {
                    header = new(header.Key, shared);
                    headers[header.Key] = shared;
                }
            }
        }

        return copy;
    }

    /// <summary>Values that no two clients have in common would only drive others out; secrets do not belong here at all.</summary>
    private static bool IsOfOneClient(string name) =>
        name.Equals("Cookie", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Authorization", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Sec-WebSocket-Key", StringComparison.OrdinalIgnoreCase);

    private static string Get(string value)
    {
        // A place holds whichever value came last; a race only means that a string is not shared.
        ref var place = ref Values[(uint)string.GetHashCode(value) % Places];
        return string.Equals(place, value, StringComparison.Ordinal) ? place! : place = value;
    }
}
