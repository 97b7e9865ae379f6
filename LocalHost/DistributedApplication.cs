using StickyAspire.LocalHosting.Engine;
using StickyAspire.LocalHosting.Output;

namespace StickyAspire.LocalHosting;

/// <summary>An application model on plain processes: what Aspire does with containers and a dashboard, with nothing but the .NET SDK.</summary>
public sealed class DistributedApplication
{
    private readonly IReadOnlyList<Resource> _resources;
    private readonly LocalHostOptions _options;

    internal DistributedApplication(IReadOnlyList<Resource> resources, LocalHostOptions options)
    {
        _resources = resources;
        _options = options;
    }

    /// <summary>Begins an application. Answers <c>--help</c> and wrong arguments itself, by ending the process.</summary>
    public static DistributedApplicationBuilder CreateBuilder(string[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        if (args is [Watchdog.Argument])
        {
            Environment.Exit(Watchdog.Run());
        }

        var (options, error) = LocalHostOptions.Parse(args);
        if (options is null)
        {
            Console.Error.WriteLine(error);
            Environment.Exit(2);
        }

        if (options.IsHelp)
        {
            Console.Out.Write(LocalHostOptions.Help);
            Environment.Exit(0);
        }

        return new DistributedApplicationBuilder(options);
    }

    /// <summary>Runs until a signal ends it. Sets the process's exit code.</summary>
    public void Run()
    {
        var console = new ResourceConsole(Console.Out, !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")));
        try
        {
            Environment.ExitCode = new Orchestrator(_resources, _options, console).RunAsync().GetAwaiter().GetResult();
        }
        catch (LocalHostException exception)
        {
            Console.Error.WriteLine(exception.Message);
            Environment.ExitCode = 1;
        }
    }
}
