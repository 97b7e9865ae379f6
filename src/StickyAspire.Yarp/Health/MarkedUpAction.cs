namespace StickyAspire.Yarp.Health;

/// <summary>HAProxy's <c>on-marked-up</c>.</summary>
internal enum MarkedUpAction
{
    /// <summary>Sessions on backup servers stay there.</summary>
    None,

    /// <summary>The cluster's backup servers' sessions are ended, so that their clients come back from there.</summary>
    ShutdownBackupSessions,
}
