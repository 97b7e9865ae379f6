namespace StickyAspire.Yarp.Stats;

/// <summary>HAProxy's <c>stats …</c> keywords.</summary>
public sealed class StatsOptions
{
    /// <summary>
    /// Where the page is: paths, of which one may end in a query as HAProxy's do (<c>/haproxy?stats</c>). <c>;csv</c>, <c>;json</c> and so on come behind (<c>stats uri</c>). At most 8. Default <c>/stats</c>.
    /// </summary>
    public IList<string> Uris { get; init; } = [];

    /// <summary>Whether the page does not tell the version (<c>stats hide-version</c>). Default false.</summary>
    public bool HideVersion { get; set; }

    /// <summary>What the frontend is called. Default <c>gateway</c>.</summary>
    public string Frontend { get; set; } = "gateway";

    /// <summary>How many may watch the page live at once; others are asked to poll it. Default 100, 0 to 10,000.</summary>
    public int MaxViewers { get; set; } = 100;
}
