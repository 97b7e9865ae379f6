using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace StickyAspire.Replica.SignalR;

/// <summary>Takes the server id off the connection token in a request's query.</summary>
internal static class ConnectionTokenQuery
{
    private const string TokenName = "id";

    public static Task StripAsync(HttpContext context, RequestDelegate next, string serverId)
    {
        // A token of another server stays as it is: SignalR does not know it, and says so (404).
        if (context.Request.Query.TryGetValue(TokenName, out var token) && token.Count == 1
            && ServerIdToken.TryParse(token[0], out var named, out var rest) && named.SequenceEqual(serverId))
        {
            context.Request.QueryString = Replace(context.Request.QueryString, rest.ToString());
        }

        return next(context);
    }

    private static QueryString Replace(QueryString query, string token)
    {
        var result = new StringBuilder("?");
        foreach (var pair in new QueryStringEnumerable(query.Value.AsMemory()))
        {
            result.Append(result.Length > 1 ? "&" : "");
            if (pair.DecodeName().Span.Equals(TokenName, StringComparison.OrdinalIgnoreCase))
            {
                result.Append(TokenName).Append('=').Append(Uri.EscapeDataString(token));
            }
            else
            {
                result.Append(pair.EncodedName).Append('=').Append(pair.EncodedValue);
            }
        }

        return new QueryString(result.ToString());
    }
}
