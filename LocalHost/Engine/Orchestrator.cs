using System.Runtime.InteropServices;
using StickyAspire.LocalHosting.Output;

namespace StickyAspire.LocalHosting.Engine;

/// <summary>Starts everything in its order, tells what happens to it, and ends it all.</summary>
internal sealed class Orchestrator(IReadOnlyList<Resource> resources, LocalHostOptions options, ResourceConsole console)
{
    /// <summary>How long processes may take to end when asked to.</summary>
    private static readonly TimeSpan ShutdownBudget = TimeSpan.FromSeconds(10);

    private readonly StatusFile _statusFile = new(options.StatusFile);
    private readonly Dictionary<Resource, RunningResource> _running = [];

    public async Task<int> RunAsync()
    {
        using var stopping = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

        var projects = resources.OfType<ProjectResource>().ToList();
        using var ports = new Ports();
        AssignPorts(projects, ports);
        using var watchdog = Watchdog.Start();
        using var redis = StartRedis(watchdog, ports);
        foreach (var project in projects)
        {
            console.Register(project.Name);
            var program = ProjectProgram.Find(project.Metadata, options.Published);
            _running[project] = new RunningResource(
                project,
                () => StartProject(project, program, watchdog),
                token => project.HealthPath is { } path ? HttpHealth.WaitAsync(new Uri(project.Address + path), token) : Task.CompletedTask,
                project.Address);
        }

        var tasks = _running.Values.Select(each => RunWhenReadyAsync(each, stopping)).ToArray();
        var exitCode = await ReportHealthAsync(redis, stopping);
        await stopping.Token.WhenCancelled();
        await StopAllAsync(tasks);
        return exitCode;

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stopping.Cancel();
        }
    }

    /// <exception cref="LocalHostException">A fixed port is in use, or none is free.</exception>
    private void AssignPorts(IReadOnlyList<ProjectResource> projects, Ports ports)
    {
        foreach (var project in projects)
        {
            var wanted = project.FixedPort is null ? 0 : options.Port ?? project.FixedPort.Value;
            if (wanted != 0 && !Ports.IsFree(wanted))
            {
                throw new LocalHostException($"Port {wanted}, for '{project.Name}', is in use. Free it, or choose another with --port.");
            }

            project.Port = wanted != 0 ? wanted : ports.TakeFree();
        }
    }

    private RedisServer? StartRedis(Watchdog watchdog, Ports ports)
    {
        if (resources.OfType<RedisResource>().FirstOrDefault() is not { } resource)
        {
            return null;
        }

        var redis = RedisServer.Choose(resource.Name, options, ports);
        resource.ConnectionString = redis.ConnectionString;
        console.Register(resource.Name);
        Func<ChildProcess>? start = redis.Program is null ? null : () => ChildProcess.Start(
            redis.Program, redis.Arguments!, null, new Dictionary<string, string>(), watchdog, line => console.WriteLine(resource.Name, line));
        _running[resource] = new RunningResource(resource, start, redis.WaitUntilReadyAsync, "redis://" + redis.ConnectionString.Split(',')[0]);
        return redis;
    }

    private ChildProcess StartProject(ProjectResource project, ProjectProgram program, Watchdog watchdog) => ChildProcess.Start(
        program.Path,
        program.Arguments,
        Path.GetDirectoryName(project.Metadata.ProjectPath),
        ProjectEnvironment.Create(project, options),
        watchdog,
        line => console.WriteLine(project.Name, line));

    private async Task RunWhenReadyAsync(RunningResource running, CancellationTokenSource stopping)
    {
        WriteStatus();
        if (running.Resource is ProjectResource project)
        {
            foreach (var dependency in project.Dependencies)
            {
                try
                {
                    await _running[dependency].Healthy.WaitAsync(stopping.Token);
                }
                catch (Exception exception) when (exception is OperationCanceledException or LocalHostException)
                {
                    return;
                }
            }
        }

        try
        {
            await running.RunAsync(options.Restart, console, WriteStatus, stopping.Token);
        }
        catch (LocalHostException exception)
        {
            console.WriteLine(exception.Message);
            await stopping.CancelAsync();
        }
    }

    /// <summary>Prints the table once all is healthy. What ends before that ends the run, with exit code 1.</summary>
    private async Task<int> ReportHealthAsync(RedisServer? redis, CancellationTokenSource stopping)
    {
        try
        {
            await Task.WhenAll(_running.Values.Select(each => each.Healthy.WaitAsync(stopping.Token)));
        }
        catch (OperationCanceledException)
        {
            return 0;
        }
        catch (LocalHostException exception)
        {
            console.WriteLine(exception.Message);
            await stopping.CancelAsync();
            return 1;
        }

        console.WriteBlock(UrlTable.Create(_running.Values.SelectMany(each => each.Resource is ProjectResource project
            ? [(project.Name, project.Address, project.Url.DisplayText ?? ""), .. GetFurtherUrls(project)]
            : (IEnumerable<(string, string, string)>)[(each.Resource.Name, each.Status.Url ?? "", redis?.Description ?? "")])));
        return 0;
    }

    private static IEnumerable<(string Name, string Url, string Note)> GetFurtherUrls(ProjectResource project) =>
        project.FurtherUrls.Select(make => make(new EndpointReference(project))).Select(link => ("", project.Address + link.Url, link.DisplayText ?? ""));

    private async Task StopAllAsync(Task[] tasks)
    {
        console.WriteLine("Ending …");

        // The projects all at once: the gateway's tunnels end when the replicas let go of their clients. Redis last, since they use it to the end.
        await StopAsync(running => running.Resource is ProjectResource);
        await StopAsync(running => running.Resource is not ProjectResource);
        await Task.WhenAll(tasks);
    }

    private async Task StopAsync(Func<RunningResource, bool> predicate)
    {
        var chosen = _running.Values.Where(predicate).ToList();
        foreach (var running in chosen)
        {
            running.Terminate();
        }

        var all = Task.WhenAll(chosen.Select(running => running.Ended));
        if (await Task.WhenAny(all, Task.Delay(ShutdownBudget)) != all)
        {
            foreach (var running in chosen.Where(running => !running.Ended.IsCompleted))
            {
                console.WriteLine($"{running.Resource.Name} did not end within {ShutdownBudget.TotalSeconds:0} s and is killed.");
                running.Kill();
            }
        }

        await all;
    }

    private void WriteStatus() => _statusFile.Write(() => [.. _running.Values.Select(each => each.Status)]);
}
