using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace StickyAspire.TestSupport;

/// <summary>A redis-server of a test's own, on a free port, that can be killed and started again with what it held.</summary>
internal sealed class RedisProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(20);

    private readonly string _folder = Directory.CreateTempSubdirectory("stickyaspire-redis-").FullName;
    private readonly bool _isPersistent;
    private readonly string[] _arguments;
    private Process? _process;

    private RedisProcess(int port, bool isPersistent, string[] arguments)
    {
        Port = port;
        _isPersistent = isPersistent;
        _arguments = arguments;
    }

    public int Port { get; }

    public string ConnectionString => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    /// <summary>Whether the program is there.</summary>
    public static bool IsInstalled { get; } = (Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin").Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, "redis-server")));

    /// <param name="isPersistent">Whether what it holds survives a restart, by an append-only file.</param>
    /// <param name="arguments">Further arguments of the program.</param>
    public static async Task<RedisProcess> StartAsync(bool isPersistent = false, params string[] arguments)
    {
        var redis = new RedisProcess(FreePort.Take(), isPersistent, arguments);
        await redis.StartAgainAsync();
        return redis;
    }

    /// <summary>Starts it again on the same port.</summary>
    public async Task StartAgainAsync()
    {
        var start = new ProcessStartInfo(
            "redis-server",
            ["--port", Port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--dir", _folder, "--save", "", "--appendonly", _isPersistent ? "yes" : "no", .. _arguments])
        {
            // All three: a child that shares a terminal has the runtime set it up, which stops a process in the background.
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginErrorReadLine();
        _process.OutputDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        using var limit = new CancellationTokenSource(StartLimit);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await AnswersAsync(limit.Token))
        {
            await timer.WaitForNextTickAsync(limit.Token);
        }
    }

    /// <summary>Ends it at once, as kill -9 does.</summary>
    public async Task KillAsync()
    {
        if (_process is { HasExited: false } process)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    /// <summary>Stops the process without ending it, so that it answers nothing; or lets it go on.</summary>
    public void SetFrozen(bool isFrozen)
    {
        using var kill = Process.Start(new ProcessStartInfo("kill", [isFrozen ? "-STOP" : "-CONT", _process!.Id.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        kill.WaitForExit();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Port, cancellationToken);
            await client.GetStream().WriteAsync("PING\r\n"u8.ToArray(), cancellationToken);
            var answer = new byte[64];
            var length = await client.GetStream().ReadAsync(answer, cancellationToken);
            return answer.AsSpan(0, length).StartsWith("+PONG"u8) || answer.AsSpan(0, length).StartsWith("-NOAUTH"u8);
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return false;
        }
    }
}
