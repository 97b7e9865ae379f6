using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using StickyAspire.SystemTests.Running;

namespace StickyAspire.SystemTests;

public sealed class LocalHostTests
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(40);

    [Theory]
    [InlineData("redis-server", "redis-server (", "Streams", true)]
    [InlineData("garnet", "Garnet, embedded", "PubSub", false)]
    public async Task Run_WithEitherRedis_PrintsTheTableAndSaysWhichItIs(string engine, string description, string adapter, bool recovery)
    {
        await using var system = await RunningSystem.StartAsync("--redis-engine", engine);

        await Eventually.TrueAsync(() => system.LocalHost.Output.Contains("Ctrl+C ends it all.", StringComparison.Ordinal), TimeSpan.FromSeconds(5), "the table is printed");
        var output = system.LocalHost.Output;
        Assert.Contains("Everything is healthy.", output, StringComparison.Ordinal);
        Assert.Contains(description, output, StringComparison.Ordinal);
        Assert.All(system.Resources, resource => Assert.Contains(resource.Url!, output, StringComparison.Ordinal));
        Assert.DoesNotContain("\e[", output, StringComparison.Ordinal);
        Assert.Contains("realtime-2 | ", output, StringComparison.Ordinal);

        // How replicas reach each other is found out at the start: streams where there are any.
        using var http = new HttpClient();
        foreach (var server in (string[])["s1", "s2", "s3"])
        {
            Assert.Equal($$"""{"server":"{{server}}","adapter":"{{adapter}}","recovery":{{(recovery ? "true" : "false")}}}""", await http.GetStringAsync(
                new Uri($"{system.Replica(server).Url}/status"), TestContext.Current.CancellationToken));
        }

        Assert.Contains($"reaches the others by {adapter}; recovery of sessions is {(recovery ? "on" : "off")}.", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_PortInUse_IsAOneLineError()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        await using var system = RunningSystem.Launch("--port", port.ToString(System.Globalization.CultureInfo.InvariantCulture));

        Assert.Equal(1, await system.LocalHost.WaitForExitAsync(StopLimit));

        Assert.Equal([$"Port {port}, for 'gateway', is in use. Free it, or choose another with --port."], system.LocalHost.Lines);
    }

    [Theory]
    [InlineData("--colour", "Unknown option '--colour'. See --help.")]
    [InlineData("--port=eighty", "Unknown option '--port=eighty'. See --help.")]
    [InlineData("--status-file", "Option --status-file needs a value. See --help.")]
    public async Task Run_WrongOption_IsAOneLineError(string option, string message)
    {
        await using var program = new RunningProgram("dotnet", [Repository.Assembly("LocalHost"), option]);

        Assert.Equal(2, await program.WaitForExitAsync(StopLimit));

        Assert.Equal([message], program.Lines);
    }

    [Fact]
    public async Task Run_Help_ListsTheOptions()
    {
        await using var program = new RunningProgram("dotnet", [Repository.Assembly("LocalHost"), "--help"]);

        Assert.Equal(0, await program.WaitForExitAsync(StopLimit));

        Assert.All(["--port", "--redis", "--redis-engine", "--published", "--restart", "--bench", "--status-file"], option => Assert.Contains(option, program.Output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_NothingIsPublishedThere_SaysWhatIsMissing()
    {
        var folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        await using var program = new RunningProgram("dotnet", [Repository.Assembly("LocalHost"), "--port", "0", "--published", folder]);

        Assert.Equal(1, await program.WaitForExitAsync(StopLimit));

        var missing = Path.Combine(folder, "Gateway", "Gateway");
        Assert.Contains($"Option --published names '{folder}', but there is no program {missing}: dotnet publish Gateway -o {Path.GetDirectoryName(missing)}", program.Lines);
    }

    [Fact]
    public async Task Run_ChildDies_ReportsItsExitCode()
    {
        await using var system = await RunningSystem.StartAsync();

        system.Kill("realtime-2");

        await Eventually.TrueAsync(
            () => system.LocalHost.Output.Contains("realtime-2 ended with exit code 137 (SIGKILL).", StringComparison.Ordinal), TimeSpan.FromSeconds(5), "the death is reported");
        Assert.Equal("ended", system.Get("realtime-2").State);
        Assert.False(system.LocalHost.HasExited);
    }

    [Theory]
    [InlineData("realtime-1")]
    [InlineData("gateway")]
    [InlineData("backplane")]
    public async Task Run_WithRestart_BringsADeadChildBackWhereItWas(string name)
    {
        await using var system = await RunningSystem.StartAsync("--restart");
        var before = system.Get(name);

        system.Kill(name);

        await Eventually.TrueAsync(() => system.Get(name) is { State: "healthy", Pid: { } pid } && pid != before.Pid, TimeSpan.FromSeconds(20), $"{name} is back");
        Assert.Equal(before.Url, system.Get(name).Url);
    }

    [Theory]
    [InlineData("SIGINT")]
    [InlineData("SIGTERM")]
    [InlineData("SIGKILL")]
    public async Task Run_EndedBySignal_LeavesNoProcessBehind(string signal)
    {
        await using var system = await RunningSystem.StartAsync();
        var descendants = FindDescendants(system.LocalHost.Id);
        Assert.True(descendants.Count >= 6, "Five resources and a watchdog.");

        switch (signal)
        {
            case "SIGINT":
                system.Interrupt();
                break;
            case "SIGTERM":
                system.Terminate();
                break;
            default:
                system.LocalHost.Kill();
                break;
        }

        await system.LocalHost.WaitForExitAsync(StopLimit);
        await Eventually.TrueAsync(() => descendants.All(HasEnded), TimeSpan.FromSeconds(10), "every process of the run has ended");

        // Redis is the last to go, and only when it is told to.
        Assert.DoesNotContain("Received SIGINT", system.LocalHost.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Redis is away", system.LocalHost.Output, StringComparison.Ordinal);
    }

    private static List<(int Pid, DateTime StartTime)> FindDescendants(int root)
    {
        var parents = Process.GetProcesses().Select(process => (process.Id, Parent: GetParent(process.Id))).ToList();
        var found = new HashSet<int> { root };
        while (parents.Any(each => found.Contains(each.Parent) && found.Add(each.Id)))
        {
        }

        found.Remove(root);
        return [.. found.Select(pid => (pid, Process.GetProcessById(pid).StartTime))];
    }

    private static int GetParent(int pid)
    {
        try
        {
            // "pid (name) state parent …", and the name may hold anything.
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static bool HasEnded((int Pid, DateTime StartTime) child)
    {
        try
        {
            using var process = Process.GetProcessById(child.Pid);
            return process.HasExited || process.StartTime != child.StartTime || IsZombie(child.Pid);
        }
        catch (ArgumentException)
        {
            return true;
        }
    }

    /// <summary>Ended, and not yet fetched by whoever inherited it.</summary>
    private static bool IsZombie(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[stat.LastIndexOf(')') + 2] == 'Z';
        }
        catch (IOException)
        {
            return true;
        }
    }
}
