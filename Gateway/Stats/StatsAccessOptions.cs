namespace StickyAspire.Gateway.Stats;

/// <summary>Who may look at the statistics: HAProxy's <c>stats realm</c> and <c>stats auth</c>, in the section <c>Stats</c>.</summary>
internal sealed class StatsAccessOptions
{
    public const string Section = "Stats";

    /// <summary>What the browser says it asks a password for. Default <c>Haproxy Statistics</c>.</summary>
    public string Realm { get; set; } = "Haproxy Statistics";

    /// <summary>Without a colon. Default <c>admin</c>.</summary>
    public string Username { get; set; } = "admin";

    /// <summary>Without one, the default, there is no page and there are no metrics to fetch.</summary>
    public string? Password { get; set; }

    /// <summary>Where Prometheus fetches metrics, with the same credentials; empty for nowhere. Default <c>/metrics</c>.</summary>
    public string MetricsUri { get; set; } = "/metrics";

    public bool IsOn => !string.IsNullOrEmpty(Password);
}
