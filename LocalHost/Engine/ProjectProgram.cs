namespace StickyAspire.LocalHosting.Engine;

/// <summary>What a project's process is started by.</summary>
/// <param name="Path">The program.</param>
/// <param name="Arguments">What it is given.</param>
internal sealed record ProjectProgram(string Path, IReadOnlyList<string> Arguments)
{
    /// <summary>The runtime with what the build made of the project or, where a folder of published projects is given, the project's own program in it.</summary>
    /// <exception cref="LocalHostException">The folder has no such program.</exception>
    public static ProjectProgram Find(IProjectMetadata project, string? published)
    {
        if (published is null)
        {
            var isRuntime = System.IO.Path.GetFileNameWithoutExtension(Environment.ProcessPath)!.Equals("dotnet", StringComparison.OrdinalIgnoreCase);
            return new ProjectProgram(isRuntime ? Environment.ProcessPath! : "dotnet", [project.TargetPath]);
        }

        var name = System.IO.Path.GetFileNameWithoutExtension(project.TargetPath);
        var path = System.IO.Path.GetFullPath(System.IO.Path.Combine(published, name, OperatingSystem.IsWindows() ? name + ".exe" : name));
        return File.Exists(path)
            ? new ProjectProgram(path, [])
            : throw new LocalHostException($"Option --published names '{published}', but there is no program {path}: dotnet publish {name} -o {System.IO.Path.GetDirectoryName(path)}");
    }
}
