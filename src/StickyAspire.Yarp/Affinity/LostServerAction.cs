namespace StickyAspire.Yarp.Affinity;

/// <summary>What becomes of a request whose server is known, but down.</summary>
internal enum LostServerAction
{
    /// <summary>It is balanced again (HAProxy's <c>option redispatch</c>).</summary>
    Redispatch,

    /// <summary>It gets 503, and its session stays where it was.</summary>
    Status503,

    /// <summary>It waits for its server to come back; after the wait it is balanced again.</summary>
    Wait,
}
