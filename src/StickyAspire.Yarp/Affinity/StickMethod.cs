namespace StickyAspire.Yarp.Affinity;

/// <summary>How a session's server is found by its key.</summary>
internal enum StickMethod
{
    /// <summary>By a consistent hash of the key. Needs no memory, and all gateways agree.</summary>
    Hash,

    /// <summary>In a table of the keys seen before; a new key is balanced.</summary>
    Table,
}
