using System.Text.RegularExpressions;

namespace StickyAspire.SystemTests.Running;

/// <summary>The gateway alone, in production, with no replica behind it.</summary>
internal sealed partial class StandaloneGateway : IAsyncDisposable
{
    private readonly RunningProgram _program;

    private StandaloneGateway(Dictionary<string, string> environment)
    {
        environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        _program = new RunningProgram("dotnet", [Repository.Assembly("Gateway"), "--urls", "http://127.0.0.1:0"], Path.Combine(Repository.Root, "Gateway"), environment);
    }

    public string Url { get; private set; } = "";

    public string Output => _program.Output;

    public static async Task<StandaloneGateway> StartAsync(Dictionary<string, string> environment)
    {
        var gateway = new StandaloneGateway(environment);
        await Eventually.TrueAsync(
            () =>
            {
                Assert.False(gateway._program.HasExited, gateway.Output);
                gateway.Url = Listening().Match(gateway.Output).Groups[1].Value;
                return gateway.Url.Length > 0 && gateway.Output.Contains("The statistics page is", StringComparison.Ordinal);
            },
            TimeSpan.FromMinutes(1),
            "the gateway listens");
        return gateway;
    }

    public ValueTask DisposeAsync() => _program.DisposeAsync();

    [GeneratedRegex("Now listening on: (http://[^\\s]+)")]
    private static partial Regex Listening();
}
