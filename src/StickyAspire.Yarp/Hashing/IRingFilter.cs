namespace StickyAspire.Yarp.Hashing;

/// <summary>Says which servers a walk over a <see cref="ConsistentHashRing"/> may stop at. A struct, so that walking allocates nothing.</summary>
internal interface IRingFilter
{
    /// <summary>Whether the server at that index may be taken.</summary>
    bool Accepts(int index);
}
