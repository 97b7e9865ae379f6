using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using StickyAspire.SocketIO;

namespace SocketIO.Tests.Server;

public sealed class DiagnosticsTests
{
    [Fact]
    public async Task Events_HaveSpans_ByTheMessagingConventions()
    {
        var nsp = "/" + Guid.NewGuid().ToString("N");
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "StickyAspire.SocketIO",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                if (activity.GetTagItem("messaging.destination.name") as string == nsp)
                {
                    spans.Enqueue(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        await using var server = await TestServer.StartAsync(map: io => io.Of(nsp).OnConnection(socket =>
        {
            socket.On("tell", async () =>
            {
                await Task.Yield();
                await io.Of(nsp).EmitAsync("news");
            });
            socket.On("fail", () => throw new SocketIOException("no"));
        }));
        await using var client = await server.ConnectAsync(nsp);

        await client.SendAsync($$"""42{{nsp}},1["tell"]""");
        await client.SendAsync($$"""42{{nsp}},2["fail"]""");

        await Eventually.TrueAsync(() => spans.Count == 3, "three spans have ended");
        var process = spans.Single(span => span.GetTagItem("messaging.socketio.event") as string == "tell");
        Assert.Equal(($"process {nsp}", ActivityKind.Consumer), (process.DisplayName, process.Kind));
        Assert.Equal("socketio", process.GetTagItem("messaging.system"));
        Assert.Equal(client.Id, process.GetTagItem("messaging.client.id"));
        var publish = spans.Single(span => span.Kind == ActivityKind.Producer);
        Assert.Equal(process.SpanId, publish.ParentSpanId);
        Assert.Equal("send", publish.GetTagItem("messaging.operation.type"));
        Assert.Equal(ActivityStatusCode.Error, spans.Single(span => span.GetTagItem("messaging.socketio.event") as string == "fail").Status);
    }

    [Fact]
    public async Task Traffic_IsCounted()
    {
        await using var server = await TestServer.StartAsync(map: io => io.OnConnection(socket => socket.On("ask", () => 1)));
        using var measured = new Measurements(server.Services.GetRequiredService<IMeterFactory>());

        await using (var client = await server.ConnectAsync())
        {
            await client.SendAsync("""421["ask"]""");
            await client.ExpectAsync("431[1]");
            Assert.Equal(1, measured["socketio.server.active_sessions", "websocket"]);
        }

        await Eventually.TrueAsync(() => measured["socketio.server.session.duration", "websocket", "transport close"] > 0, "the session has ended");
        Assert.Equal(0, measured["socketio.server.active_sessions", "websocket"]);
        Assert.Equal(2, measured["socketio.server.packets", "receive"]);
        Assert.Equal(2, measured["socketio.server.packets", "transmit"]);

        // "0" of the CONNECT, and the event.
        Assert.Equal(1 + """21["ask"]""".Length, measured["socketio.server.io", "receive"]);
        Assert.True(measured["socketio.server.io", "transmit"] > 100, "open, connect and acknowledgement");
    }

    [Fact]
    public async Task UpgradesAndRefusals_AreCounted()
    {
        await using var server = await TestServer.StartAsync();
        using var measured = new Measurements(server.Services.GetRequiredService<IMeterFactory>());
        using var http = new HttpClient();
        var stop = TestContext.Current.CancellationToken;

        // Upgraded.
        using (var socket = await BeginUpgradeAsync("5"))
        {
            await Eventually.TrueAsync(() => measured["socketio.server.upgrades", "completed"] == 1, "the upgrade is complete");
            Assert.Equal(0, measured["socketio.server.active_sessions", "polling"]);
            Assert.Equal(1, measured["socketio.server.active_sessions", "websocket"]);
        }

        // Begun, and broken off.
        using (var socket = await BeginUpgradeAsync(last: null))
        {
            socket.Abort();
            await Eventually.TrueAsync(() => measured["socketio.server.upgrades", "failed"] == 1, "the upgrade has failed");
        }

        using (var refused = await http.GetAsync(new Uri(server.Url, "/socket.io/?EIO=4&transport=polling&sid=unknown"), stop))
        {
            Assert.Equal(1, measured["socketio.server.refused_requests", "unknown_session_id"]);
        }

        async Task<ClientWebSocket> BeginUpgradeAsync(string? last)
        {
            var opened = await http.GetStringAsync(new Uri(server.Url, "/socket.io/?EIO=4&transport=polling"), stop);
            var sid = JsonElement.Parse(opened[1..]).GetProperty("sid").GetString();
            var socket = new ClientWebSocket();
            await socket.ConnectAsync(new UriBuilder(server.Url) { Scheme = "ws", Path = "/socket.io/", Query = $"EIO=4&transport=websocket&sid={sid}" }.Uri, stop);
            await socket.SendAsync("2probe"u8.ToArray(), WebSocketMessageType.Text, true, stop);
            if (last is not null)
            {
                await socket.SendAsync(Encoding.ASCII.GetBytes(last), WebSocketMessageType.Text, true, stop);
            }

            return socket;
        }
    }

    [Fact]
    public async Task Instruments_AreTheOnesThatThePageLists()
    {
        await using var server = await TestServer.StartAsync(build: builder => builder.AddStackExchangeRedis("127.0.0.1:1,abortConnect=false"));
        using var measured = new Measurements(server.Services.GetRequiredService<IMeterFactory>());
        var page = File.ReadAllText(Path.Combine(Conformance.Targets.TestPaths.Root, "docs", "observability.md"));

        var listed = System.Text.RegularExpressions.Regex.Matches(page, @"^\| `(socketio\.[a-z_.]+)` \| (\S+) \|", System.Text.RegularExpressions.RegexOptions.Multiline)
            .Select(row => $"{row.Groups[1].Value} {row.Groups[2].Value}");
        Assert.Equal(measured.Instruments.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    /// <summary>What one server has measured, summed by instrument and tags; of a histogram the number of measurements.</summary>
    private sealed class Measurements : IDisposable
    {
        private readonly ConcurrentDictionary<string, long> _sums = new();
        private readonly MeterListener _listener = new();
        private readonly ConcurrentDictionary<string, bool> _instruments = new();

        public Measurements(IMeterFactory factory)
        {
            _listener.InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == "StickyAspire.SocketIO" && instrument.Meter.Scope == factory)
                {
                    _instruments[$"{instrument.Name} {instrument.Unit}"] = true;
                    self.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
            _listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Add(instrument, 1, tags));
            _listener.Start();
        }

        public IEnumerable<string> Instruments => _instruments.Keys;

        public long this[string name, params string[] tags] => _sums.GetValueOrDefault(string.Join(' ', [name, .. tags]));

        public void Dispose() => _listener.Dispose();

        private void Add(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
            _sums.AddOrUpdate(string.Join(' ', [instrument.Name, .. tags.ToArray().Select(tag => tag.Value)]), value, (_, sum) => sum + value);
    }
}
