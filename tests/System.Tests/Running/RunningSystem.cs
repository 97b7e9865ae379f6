using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace StickyAspire.SystemTests.Running;

/// <summary>The whole application, run by LocalHost.</summary>
internal sealed partial class RunningSystem : IAsyncDisposable
{
    /// <summary>The tests' own checks are among them.</summary>
    private const int FewSessions = 2;

    /// <summary>Longer than two of the gateway's checks, of which there is one a second.</summary>
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(2.5);

    private const int Sigint = 2;
    private const int Sigterm = 15;

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly string _statusFile = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    private RunningSystem(IEnumerable<string> options, IReadOnlyDictionary<string, string>? environment, int? maxOpenFiles = null)
    {
        // Published programs, native ones for example, pass the same tests: docs/native.md.
        string[] published = Environment.GetEnvironmentVariable("STICKYASPIRE_PUBLISHED") is { Length: > 0 } folder ? ["--published", folder] : [];
        string[] command = ["dotnet", Repository.Assembly("LocalHost"), "--status-file", _statusFile, .. published, .. options];
        string[] limited = maxOpenFiles is { } limit ? ["prlimit", $"--nofile={limit}:{limit}"] : [];

        // A group of its own, as at a terminal: see Interrupt.
        string[] whole = [.. HasOwnGroup ? ["setsid"] : Array.Empty<string>(), .. limited, .. command];
        LocalHost = new RunningProgram(whole[0], whole[1..], environment: environment);
    }

    /// <summary>Where util-linux is, as LocalHost itself has it.</summary>
    private static bool HasOwnGroup => OperatingSystem.IsLinux();

    public RunningProgram LocalHost { get; }

    public string GatewayUrl => Get("gateway").Url!;

    public IReadOnlyList<ResourceState> Resources => ReadStatus();

    /// <summary>Starts it on free ports, without waiting.</summary>
    public static RunningSystem Launch(params string[] options) => Launch(environment: null, options);

    private static RunningSystem Launch(IReadOnlyDictionary<string, string>? environment, string[] options) =>
        new(options.Contains("--port") ? options : ["--port", "0", .. options], environment);

    /// <summary>Starts it on free ports and waits until all is healthy.</summary>
    public static Task<RunningSystem> StartAsync(params string[] options) => StartAsync(environment: null, options);

    /// <summary>Likewise, with environment variables that all of it gets.</summary>
    public static Task<RunningSystem> StartAsync(IReadOnlyDictionary<string, string>? environment, params string[] options)
    {
        if (!options.Contains("garnet") && !options.Contains("--redis"))
        {
            Tool.Require("redis-server");
        }

        return WhenHealthyAsync(Launch(environment, options));
    }

    /// <summary>Likewise, of whose processes none may have more files open than that.</summary>
    public static Task<RunningSystem> StartAsync(int maxOpenFiles)
    {
        Tool.Require("redis-server");
        return WhenHealthyAsync(new RunningSystem(["--port", "0"], environment: null, maxOpenFiles));
    }

    private static async Task<RunningSystem> WhenHealthyAsync(RunningSystem system)
    {
        try
        {
            await system.WaitUntilHealthyAsync();
            return system;
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    public ResourceState Get(string name) => ReadStatus().Single(resource => resource.Name == name);

    /// <summary>The replica of a server id: s2 is realtime-2.</summary>
    public ResourceState Replica(string serverId) => Get("realtime-" + serverId[1..]);

    public Task WaitUntilHealthyAsync() =>
        Eventually.TrueAsync(
            () =>
            {
                Assert.False(LocalHost.HasExited, $"LocalHost has ended. It said:\n{LocalHost.Output}");
                return ReadStatus() is { Count: 5 } all && all.All(resource => resource.State == "healthy");
            },
            StartLimit,
            () => $"everything is healthy. {string.Join(", ", ReadStatus().Select(resource => $"{resource.Name} is {resource.State}"))}. LocalHost said:\n{LocalHost.Output}");

    /// <summary>
    /// Waits until the replicas have had no sessions to speak of for longer than two of the gateway's checks, so that the gateway knows it too. Sessions that have just ended count as load
    /// until the next report, as they should: what comes next is rightly kept away from a server that still has a crowd.
    /// </summary>
    public async Task WaitUntilIdleAsync()
    {
        using var client = new HttpClient();
        var idleSince = Stopwatch.GetTimestamp();
        await Eventually.TrueAsync(
            async () =>
            {
                foreach (var serverId in (string[])["s1", "s2", "s3"])
                {
                    using var answer = await client.GetAsync($"{Replica(serverId).Url}/alive", TestContext.Current.CancellationToken);
                    var state = string.Join(';', answer.Headers.GetValues("X-Sticky-State"));
                    var sessions = state.Split(';', StringSplitOptions.TrimEntries).Single(part => part.StartsWith("sessions=", StringComparison.Ordinal));
                    if (int.Parse(sessions.AsSpan("sessions=".Length), CultureInfo.InvariantCulture) > FewSessions)
                    {
                        idleSince = Stopwatch.GetTimestamp();
                    }
                }

                return Stopwatch.GetElapsedTime(idleSince) > IdleTime;
            },
            TimeSpan.FromSeconds(90),
            "the replicas were idle");
    }

    /// <summary>kill -9.</summary>
    public void Kill(string name)
    {
        using var process = Process.GetProcessById(Get(name).Pid!.Value);
        process.Kill();
    }

    /// <summary>Ctrl+C, which a terminal sends to all processes in its foreground and not to LocalHost alone.</summary>
    public void Interrupt() => Assert.Equal(0, SendSignal(HasOwnGroup ? -LocalHost.Id : LocalHost.Id, Sigint));

    public void Terminate() => Assert.Equal(0, SendSignal(LocalHost.Id, Sigterm));

    public async ValueTask DisposeAsync()
    {
        if (!LocalHost.HasExited)
        {
            Terminate();
            await LocalHost.WaitForExitAsync(TimeSpan.FromSeconds(40));
        }

        await LocalHost.DisposeAsync();
        File.Delete(_statusFile);
    }

    private List<ResourceState> ReadStatus()
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllText(_statusFile));
            return document.RootElement.GetProperty("resources").Deserialize<List<ResourceState>>(JsonSerializerOptions.Web)!;
        }
        catch (FileNotFoundException)
        {
            return [];
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int pid, int signal);
}
