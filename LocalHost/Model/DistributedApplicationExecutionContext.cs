namespace StickyAspire.LocalHosting;

/// <summary>Why the application model is being built.</summary>
public sealed class DistributedApplicationExecutionContext
{
    /// <summary>To run it: always so here.</summary>
    public bool IsRunMode { get; } = true;

    /// <summary>To publish it: never here.</summary>
    public bool IsPublishMode { get; }
}
