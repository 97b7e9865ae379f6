using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Yarp.Tests.Environment;

namespace Yarp.Tests.Parity;

/// <summary>The real haproxy, as a process of its own, which its statistics are asked for what it thinks of its servers.</summary>
internal sealed class HAProxyBalancer : IBalancer
{
    private static readonly string? Program = new[] { "/usr/sbin/haproxy", "/usr/bin/haproxy", "/usr/local/sbin/haproxy" }.FirstOrDefault(File.Exists);

    private readonly string _backend;
    private readonly string _folder = Directory.CreateTempSubdirectory("stickyaspire-haproxy-").FullName;
    private readonly HttpClient _http = new();
    private Process? _process;

    private HAProxyBalancer(int port, string backend)
    {
        Port = port;
        _backend = backend;
        Client = new Client(port);
    }

    public static bool IsInstalled => Program is not null;

    public string Name => "haproxy";

    public int Port { get; }

    public Client Client { get; }

    /// <param name="configuration">A configuration file, with <c>{port}</c> where the frontend listens. Its statistics are at <c>/haproxy?stats</c>, for <c>123:123</c>.</param>
    /// <param name="backend">The backend that is asked after.</param>
    public static async Task<HAProxyBalancer> StartAsync(string configuration, string backend)
    {
        var balancer = new HAProxyBalancer(FreePort.Take(), backend);
        var file = Path.Combine(balancer._folder, "haproxy.cfg");
        await File.WriteAllTextAsync(file, configuration.Replace("{port}", balancer.Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
        balancer._process = Process.Start(new ProcessStartInfo(Program!, ["-db", "-f", file]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var errors = balancer._process.StandardError.ReadToEndAsync();
        _ = balancer._process.StandardOutput.ReadToEndAsync();
        await Eventually.TrueAsync(() => balancer._process.HasExited || CanConnect(balancer.Port), "haproxy listens");
        Assert.False(balancer._process.HasExited, balancer._process.HasExited ? $"haproxy ended: {await errors}" : "");
        return balancer;
    }

    public async Task WaitForAsync(string serverId, bool isUp) =>
        await UntilAsync(async () => (await ReadAsync(serverId, "status")).StartsWith("UP", StringComparison.Ordinal) == isUp, $"{serverId} is {(isUp ? "up" : "down")}");

    public async Task<int> QueuedAsync(string? serverId)
    {
        // A backend's own number has those in it that wait for one of its servers.
        var rows = await ReadRowsAsync();
        int Queued(string name) => int.Parse(rows.Single(each => each["svname"] == name)["qcur"], CultureInfo.InvariantCulture);
        return serverId is not null
            ? Queued(serverId)
            : Queued("BACKEND") - rows.Where(each => each["svname"] != "BACKEND").Sum(each => int.Parse(each["qcur"], CultureInfo.InvariantCulture));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _http.Dispose();
        if (_process is not null)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await condition())
        {
            Assert.False(limit.IsCancellationRequested, $"It did not come about that for haproxy {what}.");
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    private async Task<string> ReadAsync(string server, string column) => (await ReadRowsAsync()).Single(each => each["svname"] == server)[column];

    private async Task<List<Dictionary<string, string>>> ReadRowsAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{Port}/haproxy?stats;csv");
        request.Headers.Authorization = new("Basic", Convert.ToBase64String("123:123"u8));
        using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        var lines = (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var columns = lines[0].TrimStart('#', ' ').Split(',');
        return [.. lines.Skip(1).Select(line => columns.Zip(line.Split(',')).ToDictionary(each => each.First, each => each.Second)).Where(each => each["pxname"] == _backend)];
    }

    private static bool CanConnect(int port)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
