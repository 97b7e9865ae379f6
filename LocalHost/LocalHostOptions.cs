using System.Globalization;

namespace StickyAspire.LocalHosting;

/// <summary>What the command line says.</summary>
internal sealed record LocalHostOptions
{
    public const string Help = """
        Runs the application of AppHost/AppHost.cs as plain processes: no Docker, no Aspire.

        Usage: dotnet run --project LocalHost [-- options]

          --port N               The gateway's port. Default 8080; 0 takes a free one.
          --redis CONNECTION     Use this Redis (StackExchange.Redis' form, as ConnectionStrings__backplane does too).
          --redis-engine ENGINE  auto (default): redis-server where it is on the PATH, else Garnet inside this process;
                                 redis-server or garnet: that one.
          --published FOLDER     Run what dotnet publish has put into FOLDER/<project>, native programs too, instead of the builds.
          --restart              Start again what has died.
          --bench                Switch on the events that load tools use (Realtime__BenchHandlers=true).
          --status-file FILE     Keep a JSON file with each resource's state, process id and URL.
          --help                 This text.

        Environment variables go to every process, for example Logging__LogLevel__Default=Debug. Colours are off with NO_COLOR.

        """;

    public int? Port { get; init; }

    public string? Redis { get; init; }

    public RedisEngine RedisEngine { get; init; }

    public string? Published { get; init; }

    public bool Restart { get; init; }

    public bool Bench { get; init; }

    public string? StatusFile { get; init; }

    public bool IsHelp { get; init; }

    public static (LocalHostOptions? Options, string? Error) Parse(string[] args)
    {
        var options = new LocalHostOptions();
        for (var i = 0; i < args.Length; i++)
        {
            var name = args[i];
            switch (name)
            {
                case "--help" or "-h" or "-?":
                    options = options with { IsHelp = true };
                    continue;
                case "--restart":
                    options = options with { Restart = true };
                    continue;
                case "--bench":
                    options = options with { Bench = true };
                    continue;
            }

            if (name is not ("--port" or "--redis" or "--redis-engine" or "--published" or "--status-file"))
            {
                return (null, $"Unknown option '{name}'. See --help.");
            }

            if (++i == args.Length)
            {
                return (null, $"Option {name} needs a value. See --help.");
            }

            if (options.With(name, args[i]) is not { } changed)
            {
                var allowed = name == "--port" ? "a port from 0 to 65535" : "auto, redis-server or garnet";
                return (null, $"Option {name} has the value '{args[i]}': allowed is {allowed}.");
            }

            options = changed;
        }

        return (options, null);
    }

    private LocalHostOptions? With(string name, string value) => name switch
    {
        "--port" => ushort.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? this with { Port = port } : null,
        "--redis" => this with { Redis = value },
        "--published" => this with { Published = value },
        "--status-file" => this with { StatusFile = value },
        _ => value switch
        {
            "auto" => this with { RedisEngine = RedisEngine.Auto },
            "redis-server" => this with { RedisEngine = RedisEngine.RedisServer },
            "garnet" => this with { RedisEngine = RedisEngine.Garnet },
            _ => null,
        },
    };
}
