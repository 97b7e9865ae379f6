namespace StickyAspire.Yarp.Health;

/// <summary>What of the traffic is observed (HAProxy's <c>observe</c>).</summary>
internal enum ObserveLayer
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Connections: those that cannot be made are errors.</summary>
    Layer4,

    /// <summary>Answers too: 5xx but 501 and 505, and those that break off or never come, are errors.</summary>
    Layer7,
}
