namespace StickyAspire.Yarp.Affinity;

/// <summary>How much a stick table keeps, and for how long.</summary>
/// <param name="Size">The greatest number of entries; the ones unused for longest make room for new ones. Default 100,000.</param>
/// <param name="Expire">How long an entry stays unused. Default 30 minutes.</param>
public sealed record StickTableLimits(int Size, TimeSpan Expire);
