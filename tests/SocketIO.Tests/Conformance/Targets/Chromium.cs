namespace SocketIO.Tests.Conformance.Targets;

/// <summary>The browser on this machine.</summary>
internal static class Chromium
{
    /// <summary>Its path. Without one the test is skipped, on a build server it fails.</summary>
    public static string Find()
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .SelectMany(directory => (string[])[Path.Combine(directory, "chromium"), Path.Combine(directory, "chromium-browser"), Path.Combine(directory, "google-chrome")])
            .FirstOrDefault(File.Exists);
        if (path is null)
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") is "true" or "1", "Chromium is needed for this test.");
            Assert.Fail("Chromium is needed for this test.");
        }

        return path;
    }
}
