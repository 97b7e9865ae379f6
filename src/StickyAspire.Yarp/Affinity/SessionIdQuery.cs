using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace StickyAspire.Yarp.Affinity;

/// <summary>Finds the server that a session id in the query names: Socket.IO's <c>sid</c> or SignalR's <c>id</c>.</summary>
internal static class SessionIdQuery
{
    /// <summary>False where the query has no session id that names a server.</summary>
    public static bool TryGetServerId(QueryString query, out ReadOnlySpan<char> serverId)
    {
        if (query.HasValue)
        {
            foreach (var pair in new QueryStringEnumerable(query.Value.AsMemory()))
            {
                // Server ids and the dot need no escaping, so neither is anything decoded here.
                if (pair.EncodedName.Span is "sid" or "id" && ServerIdToken.TryParse(pair.EncodedValue.Span, out serverId, out _))
                {
                    return true;
                }
            }
        }

        serverId = default;
        return false;
    }

    /// <summary>Whether the query has a session id at all, of whatever form: without one a request begins a session.</summary>
    public static bool HasSessionId(QueryString query)
    {
        if (query.HasValue)
        {
            foreach (var pair in new QueryStringEnumerable(query.Value.AsMemory()))
            {
                if (pair.EncodedName.Span is "sid" or "id" && !pair.EncodedValue.IsEmpty)
                {
                    return true;
                }
            }
        }

        return false;
    }
}
