namespace StickyAspire.LocalHosting;

/// <summary>How a project is taken into the application.</summary>
public sealed class ProjectResourceOptions
{
    /// <summary>Whether its launch profile is left aside. LocalHost never uses one.</summary>
    public bool ExcludeLaunchProfile { get; set; }
}
