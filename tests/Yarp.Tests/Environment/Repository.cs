using System.Reflection;

namespace Yarp.Tests.Environment;

/// <summary>Where this repository's files are.</summary>
internal static class Repository
{
    public static string Root { get; } = Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>().Single(each => each.Key == "RepositoryRoot").Value!;

    public static string PathOf(string file) => Path.Combine(Root, file);
}
