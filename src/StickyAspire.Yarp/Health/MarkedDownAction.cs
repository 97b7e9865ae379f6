namespace StickyAspire.Yarp.Health;

/// <summary>HAProxy's <c>on-marked-down</c>.</summary>
internal enum MarkedDownAction
{
    /// <summary>Sessions end as they may.</summary>
    None,

    /// <summary>The server's sessions are ended, so that their clients reconnect elsewhere at once instead of waiting for a timeout.</summary>
    ShutdownSessions,
}
