using System.Collections.Concurrent;
using System.Net;
using System.Text;
using StickyAspire.SystemTests.Running;
using StickyAspire.TestSupport;

namespace StickyAspire.SystemTests;

/// <summary>What an OTLP collector, such as Aspire's dashboard, gets to see.</summary>
public sealed class TelemetryTests
{
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Collector_GetsLogsMetricsAndOneTraceThroughGatewayAndReplica()
    {
        using var collector = new Collector();
        var environment = new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Url,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "1000",
        };
        await using var system = await RunningSystem.StartAsync(environment);
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, system.GatewayUrl + "/socket.io/?EIO=4&transport=polling");
        request.Headers.Add("traceparent", $"00-{TraceId}-b7ad6b7169203331-01");
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);

        var trace = Convert.FromHexString(TraceId);
        foreach (var service in (string[])["gateway", "realtime-"])
        {
            await Eventually.TrueAsync(() => collector.Got("/v1/traces", Encoding.UTF8.GetBytes(service), trace), Limit, $"{service} sends its span of the request");
            await Eventually.TrueAsync(() => collector.Got("/v1/metrics", Encoding.UTF8.GetBytes(service), "http.server.request.duration"u8.ToArray()), Limit, $"{service} sends metrics");
            await Eventually.TrueAsync(() => collector.Got("/v1/logs", Encoding.UTF8.GetBytes(service)), Limit, $"{service} sends logs");
        }

        await Eventually.TrueAsync(() => collector.Got("/v1/metrics", "socketio.server.active_sessions"u8.ToArray()), Limit, "the Socket.IO server's own metrics come");
    }

    /// <summary>Takes what is sent by OTLP over HTTP, and keeps it as it is.</summary>
    private sealed class Collector : IDisposable
    {
        private readonly ConcurrentQueue<(string Path, byte[] Body)> _received = new();
        private readonly HttpListener _listener = new();

        public Collector()
        {
            Url = $"http://127.0.0.1:{FreePort.Take()}";
            _listener.Prefixes.Add(Url + "/");
            _listener.Start();
            _ = ReadAsync();
        }

        public string Url { get; }

        /// <summary>Whether one message to the path held all of these.</summary>
        public bool Got(string path, params byte[][] parts) => _received.Any(each => each.Path == path && parts.All(part => each.Body.AsSpan().IndexOf(part) >= 0));

        public void Dispose() => _listener.Close();

        private async Task ReadAsync()
        {
            try
            {
                while (true)
                {
                    var context = await _listener.GetContextAsync();
                    using var body = new MemoryStream();
                    await context.Request.InputStream.CopyToAsync(body);
                    _received.Enqueue((context.Request.Url!.AbsolutePath, body.ToArray()));
                    context.Response.Close();
                }
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                // The test is over.
            }
        }
    }
}
