using System.Reflection;

namespace StickyAspire.SystemTests.Running;

/// <summary>Where the build has put things.</summary>
internal static class Repository
{
    public static string Root { get; } = Get("Root");

    public static string Clients { get; } = Path.Combine(Root, "tests", "clients");

    public static string Assembly(string project) => Path.Combine(Root, project, Get("Output"), Path.GetFileName(project) + ".dll");

    private static string Get(string key) =>
        typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;
}
