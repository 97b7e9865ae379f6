namespace StickyAspire.Yarp.Admission;

/// <summary>How waiting for a server ended.</summary>
internal enum AdmissionOutcome
{
    /// <summary>A slot is taken, and must be given back.</summary>
    Admitted,

    /// <summary>No slot became free in time.</summary>
    TimedOut,

    /// <summary>As many as may wait do already.</summary>
    QueueFull,

    /// <summary>The client has gone.</summary>
    Left,

    /// <summary>The server that it waited for is no longer available.</summary>
    ServerLost,

    /// <summary>Too many sessions begin at the server.</summary>
    RateLimited,
}
