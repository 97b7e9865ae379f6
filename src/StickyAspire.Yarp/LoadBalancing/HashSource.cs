namespace StickyAspire.Yarp.LoadBalancing;

/// <summary>What of a request is hashed.</summary>
internal enum HashSource
{
    /// <summary>The client's address.</summary>
    Source,

    /// <summary>A header's first value.</summary>
    Header,

    /// <summary>A cookie's value.</summary>
    Cookie,

    /// <summary>A query parameter's first value, as it is escaped.</summary>
    Query,

    /// <summary>The path without the query.</summary>
    Path,
}
