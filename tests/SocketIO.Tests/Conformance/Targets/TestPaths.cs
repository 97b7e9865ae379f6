using System.Reflection;

namespace SocketIO.Tests.Conformance.Targets;

/// <summary>Where the build has put what the tests run beside themselves.</summary>
internal static class TestPaths
{
    public static string ConformanceHost => Metadata("ConformanceHost");

    public static string AotHost => Metadata("AotHost");

    public static string ClientsDirectory => Metadata("ClientsDirectory");

    private static string Metadata(string key) =>
        Path.GetFullPath(typeof(TestPaths).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!);
}
