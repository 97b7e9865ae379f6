namespace StickyAspire.Yarp.Health;

/// <summary>What happens when there were too many errors in a row (HAProxy's <c>on-error</c>). The next check comes after <c>Check.FastInter</c> in each case.</summary>
internal enum ObserveAction
{
    /// <summary>As though a check had failed.</summary>
    FailCheck,

    /// <summary>Nothing but the check that comes sooner.</summary>
    FastInter,

    /// <summary>As though all checks but the last had failed: one more, and it is down.</summary>
    SuddenDeath,

    /// <summary>It is down.</summary>
    MarkDown,
}
