namespace StickyAspire.LocalHosting;

/// <summary>Where a referenced project is. The build makes a class <c>Projects.X</c> for each.</summary>
public interface IProjectMetadata
{
    /// <summary>The project file.</summary>
    string ProjectPath { get; }

    /// <summary>The assembly that the build made of it.</summary>
    string TargetPath { get; }
}
