namespace StickyAspire.Yarp.Stats.Page;

/// <summary>Marks an endpoint that is meant only where the query begins like this.</summary>
internal sealed record StatsQuery(string Prefix)
{
    /// <summary>What stands behind the prefix; null where the query is another.</summary>
    public string? Match(string query)
    {
        if (!query.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return null;
        }

        return query.Length == Prefix.Length ? "" : query[Prefix.Length] == ';' ? query[(Prefix.Length + 1)..] : null;
    }
}
