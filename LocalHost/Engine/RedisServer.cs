using System.Globalization;
using System.Net.Sockets;
using Garnet;
using StickyAspire.LocalHosting.Output;

namespace StickyAspire.LocalHosting.Engine;

/// <summary>The Redis of this run: the one given, else redis-server, else Garnet within this process.</summary>
internal sealed class RedisServer : IDisposable
{
    private GarnetServer? _garnet;

    /// <summary>How to start redis-server, or null where it is no process of ours.</summary>
    public IReadOnlyList<string>? Arguments { get; private init; }

    /// <summary>The redis-server program.</summary>
    public string? Program { get; private init; }

    public required string ConnectionString { get; init; }

    /// <summary>Which Redis it is, in words.</summary>
    public required string Description { get; init; }

    /// <exception cref="LocalHostException">The engine asked for is not there.</exception>
    public static RedisServer Choose(string name, LocalHostOptions options, Ports ports)
    {
        var given = options.Redis ?? Environment.GetEnvironmentVariable($"ConnectionStrings__{name}");
        if (!string.IsNullOrEmpty(given))
        {
            // The rest of a connection string may hold a password.
            return new RedisServer { ConnectionString = given, Description = $"Redis at {given.Split(',')[0]}, as given" };
        }

        var port = ports.TakeFree().ToString(CultureInfo.InvariantCulture);
        var connectionString = "127.0.0.1:" + port;
        var program = options.RedisEngine == RedisEngine.Garnet ? null : FindOnPath("redis-server");
        if (program is not null)
        {
            return new RedisServer
            {
                Program = program,
                Arguments = ["--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
                ConnectionString = connectionString,
                Description = $"redis-server ({program})",
            };
        }

        if (options.RedisEngine == RedisEngine.RedisServer)
        {
            throw new LocalHostException("redis-server is not on the PATH. Install it, or leave --redis-engine away to use the embedded Garnet.");
        }

        var server = new RedisServer { ConnectionString = connectionString, Description = "Garnet, embedded" };
        server.StartGarnet(port);
        return server;
    }

    /// <summary>Waits until the server answers PING.</summary>
    public async Task WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        var endpoint = ConnectionString.Split(',')[0].Split(':');
        var port = endpoint.Length > 1 ? int.Parse(endpoint[1], CultureInfo.InvariantCulture) : 6379;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(endpoint[0], port, cancellationToken);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
            }
        }
    }

    public void Dispose() => _garnet?.Dispose();

    private void StartGarnet(string port)
    {
        _garnet = new GarnetServer(["--port", port, "--bind", "127.0.0.1", "--memory", "64m", "--index", "8m", "--logger-level", "Error", "-q"]);
        _garnet.Start();
    }

    private static string? FindOnPath(string program)
    {
        var name = OperatingSystem.IsWindows() ? program + ".exe" : program;
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
    }
}
