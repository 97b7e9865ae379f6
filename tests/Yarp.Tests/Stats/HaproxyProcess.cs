using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Yarp.Tests.Environment;

namespace Yarp.Tests.Stats;

/// <summary>The real HAProxy with the article's configuration, on free ports; its checks ask for a path, as ours do.</summary>
internal sealed class HaproxyProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _file;

    private readonly int _statsPort;

    private HaproxyProcess(Process process, string file, int port, int statsPort)
    {
        _process = process;
        _file = file;
        _statsPort = statsPort;
        Port = port;
    }

    public int Port { get; }

    public static async Task<HaproxyProcess> StartAsync(IEnumerable<Upstream> upstreams)
    {
        var program = "/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin".Split(':').Select(folder => Path.Combine(folder, "haproxy")).FirstOrDefault(File.Exists);
        Assert.SkipWhen(program is null && System.Environment.GetEnvironmentVariable("CI") != "true", "haproxy is not installed.");

        var port = FreePort.Take();
        var statsPort = FreePort.Take();
        var file = Path.GetTempFileName();
        var servers = upstreams.Select(each => $"  server {each.Id} 127.0.0.1:{each.Port} weight 1 maxconn 1024 check cookie {each.Id}");
        await File.WriteAllTextAsync(file, $"""
            defaults
              mode http
              timeout connect 5s
              timeout client 30s
              timeout server 30s
            frontend Local_Server
              bind 127.0.0.1:{port}
              default_backend websockets
              stats enable
              stats hide-version
              stats realm Haproxy\ Statistics
              stats uri /haproxy?stats
              stats auth 123:123
            backend websockets
              balance leastconn
              cookie SERVERID insert indirect nocache
              option httpchk GET /alive
            {string.Join('\n', servers)}
            listen reading_counts_too_so_it_has_a_place_of_its_own
              bind 127.0.0.1:{statsPort}
              stats enable
              stats uri /haproxy?stats
              stats auth 123:123

            """);
        var process = Process.Start(new ProcessStartInfo(program!, ["-db", "-f", file]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        var haproxy = new HaproxyProcess(process, file, port, statsPort);
        // Not at the other port: HAProxy counts a client that leaves without a word.
        await Eventually.TrueAsync(() => !process.HasExited && Connects(statsPort), "haproxy listens");

        // It takes servers for up before it has checked them.
        var checks = "";
        while (checks != "L7OK L7OK L7OK")
        {
            var stats = StatsCsv.Parse(await haproxy.ReadStatsAsync("csv"));
            checks = string.Join(' ', stats.Rows.Where(row => row["type"] == "2").Select(row => row["check_status"].TrimStart('*', ' ')));
        }

        return haproxy;
    }

    /// <param name="format"><c>csv</c> or <c>json</c>.</param>
    public async Task<string> ReadStatsAsync(string format)
    {
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Authorization = new("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes("123:123")));
        return await client.GetStringAsync(new Uri($"http://127.0.0.1:{_statsPort}/haproxy?stats;{format}"), TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        File.Delete(_file);
    }

    private static bool Connects(int port)
    {
        using var client = new TcpClient();
        try
        {
            client.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
