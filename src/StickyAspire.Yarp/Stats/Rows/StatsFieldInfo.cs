namespace StickyAspire.Yarp.Stats.Rows;

/// <summary>What HAProxy's typed output (management.txt, 9.2) says of a field.</summary>
/// <param name="Name">The column's name.</param>
/// <param name="Origin">Where the value comes from: <c>Metric</c>, <c>Status</c>, <c>Key</c>, <c>Config</c>.</param>
/// <param name="Nature">What can be done with it: add counters, average averages, take the greatest of maxima …</param>
/// <param name="Scope">What it is true of.</param>
/// <param name="Type"><c>str</c>, or how many bits a number has: <c>u32</c>, <c>s32</c>, <c>u64</c>.</param>
internal sealed record StatsFieldInfo(string Name, string Origin, string Nature, string Scope, string Type);
