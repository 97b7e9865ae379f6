using System.Reflection;

namespace Cluster.Tests.Running;

/// <summary>Where the build has put what the tests run beside themselves.</summary>
internal static class Paths
{
    public static string ControlHost => Metadata("ControlHost");

    public static string Clients => Metadata("ClientsDirectory");

    private static string Metadata(string key) =>
        Path.GetFullPath(typeof(Paths).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!);
}
