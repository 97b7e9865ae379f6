using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
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
        var counts = new ConcurrentDictionary<string, long>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == "StickyAspire.SocketIO" && instrument.Meter.Scope == server.Services.GetRequiredService<IMeterFactory>())
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            var key = string.Join(' ', [instrument.Name, .. tags.ToArray().Select(tag => tag.Value)]);
            counts.AddOrUpdate(key, value, (_, sum) => sum + value);
        });
        listener.Start();

        await using (var client = await server.ConnectAsync())
        {
            await client.SendAsync("""421["ask"]""");
            await client.ExpectAsync("431[1]");
            Assert.Equal(1, counts["socketio.server.active_sessions websocket"]);
        }

        await Eventually.TrueAsync(() => counts.ContainsKey("socketio.server.sessions_closed transport close"), "the session has ended");
        Assert.Equal(0, counts["socketio.server.active_sessions websocket"]);
        Assert.Equal(2, counts["socketio.server.packets_received"]);
        Assert.Equal(2, counts["socketio.server.packets_sent"]);

        // "0" of the CONNECT, and the event.
        Assert.Equal(1 + """21["ask"]""".Length, counts["socketio.server.bytes_received"]);
        Assert.True(counts["socketio.server.bytes_sent"] > 100, "open, connect and acknowledgement");
    }
}
