namespace StickyAspire.SystemTests.Running;

/// <summary>Programs from outside that tests need. Missing ones skip a test, or fail it where CI=true says that all must be there.</summary>
internal static class Tool
{
    public static string Require(string program)
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
        if (path is null && Environment.GetEnvironmentVariable("CI") != "true")
        {
            Assert.Skip($"{program} is not on the PATH.");
        }

        return path ?? throw new InvalidOperationException($"{program} is not on the PATH.");
    }
}
