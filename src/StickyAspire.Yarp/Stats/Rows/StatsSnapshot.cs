namespace StickyAspire.Yarp.Stats.Rows;

/// <summary>All rows at one moment: the frontend, then each cluster's servers and their sum.</summary>
internal sealed record StatsSnapshot(DateTimeOffset Time, TimeSpan Uptime, IReadOnlyList<StatsRow> Rows);
