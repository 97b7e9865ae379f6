namespace StickyAspire.Yarp.Model;

/// <summary>What the checks found.</summary>
internal enum OperationalState
{
    /// <summary>Nothing is known yet, or nobody checks: the server is used. HAProxy's page says <c>no check</c>.</summary>
    Unchecked,

    /// <summary>Passes its checks.</summary>
    Up,

    /// <summary>Fails its checks, or says of itself that it is down.</summary>
    Down,
}
