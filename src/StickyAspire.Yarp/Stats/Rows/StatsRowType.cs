namespace StickyAspire.Yarp.Stats.Rows;

/// <summary>HAProxy's <c>type</c>.</summary>
internal enum StatsRowType
{
    Frontend,
    Backend,
    Server,
}
