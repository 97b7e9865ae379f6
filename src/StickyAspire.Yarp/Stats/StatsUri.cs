using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace StickyAspire.Yarp.Stats;

/// <summary>HAProxy's <c>stats uri</c>: a path, and a query where that names the page.</summary>
/// <param name="Path">Begins with a slash.</param>
/// <param name="Query">Begins with a question mark, or is empty.</param>
internal sealed record StatsUri(string Path, string Query)
{
    public const string Default = "/stats";

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/=&");

    public static bool TryParse(string? text, [NotNullWhen(true)] out StatsUri? uri)
    {
        uri = null;
        if (text is null || text.Length < 2 || text[0] != '/')
        {
            return false;
        }

        var query = text.IndexOf('?', StringComparison.Ordinal);
        var path = query < 0 ? text : text[..query];
        if (path.Length < 2 || path.AsSpan().ContainsAnyExcept(Allowed) || (query >= 0 && (query == text.Length - 1 || text.AsSpan(query + 1).ContainsAnyExcept(Allowed))))
        {
            return false;
        }

        uri = new StatsUri(path.TrimEnd('/'), query < 0 ? "" : text[query..]);
        return uri.Path.Length > 0;
    }

    public override string ToString() => Path + Query;
}
