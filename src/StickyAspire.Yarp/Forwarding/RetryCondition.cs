namespace StickyAspire.Yarp.Forwarding;

/// <summary>What is tried again (HAProxy's <c>retry-on</c>).</summary>
internal enum RetryCondition
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Requests of which nothing was sent, because no connection could be made.</summary>
    ConnFailure,
}
