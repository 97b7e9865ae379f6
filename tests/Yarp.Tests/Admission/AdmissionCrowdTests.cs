using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using StickyAspire.Yarp.Admission;
using Yarp.Tests.Environment;

namespace Yarp.Tests.Admission;

/// <summary>Admission under many clients at once: nothing is exceeded, nothing is lost, nothing stays behind, and all is counted.</summary>
public sealed class AdmissionCrowdTests : GatewayTest
{
    [Fact]
    public async Task Maxconn_UnderACrowd_IsNeverExceeded_AndAllAreServed()
    {
        var gateway = await StartAsync("Admission.MaxConn=3", "Queue.Timeout=1m");

        var answers = await Task.WhenAll(Enumerable.Range(0, 400).Select(i => gateway.Client.SendAsync($"/?n={i}", (i % 4) switch { 0 => "SERVERID=s1", 1 => "SERVERID=s2", _ => null })));

        Assert.All(answers, each => Assert.Equal(HttpStatusCode.OK, each.Status));
        Assert.All(Upstreams, each => Assert.InRange(each.Max, 1, 3));
        Assert.All(answers.Where((_, i) => i % 4 == 0), each => Assert.Equal("s1", each.Server));
        Assert.All(answers.Where((_, i) => i % 4 == 1), each => Assert.Equal("s2", each.Server));
        await UnusedAsync(gateway);
    }

    [Fact]
    public async Task Clients_ThatLeaveAnywhere_LeaveNoSlotBehind()
    {
        var gateway = await StartAsync("Admission.MaxConn=2", "Queue.Timeout=1m");
        var admission = gateway.Services.GetRequiredService<AdmissionRegistry>().Get(gateway.Cluster);
        for (var round = 0; round < 5; round++)
        {
            using var leave = new CancellationTokenSource();
            var requests = Enumerable.Range(0, 40).Select(i => gateway.Client.SendUntilAsync(leave.Token, "/?hold", i % 2 == 0 ? "SERVERID=s1" : null)).ToList();
            await Eventually.TrueAsync(() => Upstreams.Sum(each => each.Current) >= 2 && admission.Queue.Length > 0, "some are served, some wait");
            await leave.CancelAsync();
            foreach (var request in requests)
            {
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
            }

            await UnusedAsync(gateway);
        }

        Assert.Equal(HttpStatusCode.OK, (await gateway.Client.SendAsync()).Status);
    }

    [Fact]
    public async Task Waits_Refusals_AndRedispatches_AreCounted()
    {
        var gateway = await StartAsync("Admission.MaxConn=1", "Queue.Timeout=100ms", "Queue.MaxLength=1");
        var counts = new ConcurrentDictionary<string, long>();
        using var listener = Listen(gateway.Services, counts);
        var held = gateway.Client.SendAsync("/?hold", "SERVERID=s2");
        await Eventually.TrueAsync(() => S2.Current == 1, "s2 is busy");

        var late = gateway.Client.SendAsync(cookie: "SERVERID=s2");
        await Eventually.TrueAsync(() => counts.GetValueOrDefault("stickyaspire.cluster.queue") == 1, "one waits");
        await gateway.Client.SendAsync(cookie: "SERVERID=s2");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await late).Status);
        S2.Release();
        await held;

        Assert.Equal(0, counts["stickyaspire.cluster.queue"]);
        Assert.Equal(1, counts["stickyaspire.admission.refusals queue_timeout"]);
        Assert.Equal(1, counts["stickyaspire.affinity.redispatches"]);
        Assert.Equal(1, counts["stickyaspire.admission.queue.duration TimedOut"]);
    }

    private static MeterListener Listen(IServiceProvider services, ConcurrentDictionary<string, long> counts)
    {
        var factory = services.GetRequiredService<IMeterFactory>();
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, each) =>
            {
                if (instrument.Meter.Name == "StickyAspire.Yarp" && ReferenceEquals(instrument.Meter.Scope, factory))
                {
                    each.EnableMeasurementEvents(instrument);
                }
            },
        };

        void Count(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var name = instrument.Name;
            foreach (var (key, tag) in tags)
            {
                name += key is "reason" or "outcome" ? $" {tag}" : "";
            }

            counts.AddOrUpdate(name, value, (_, sum) => sum + value);
        }

        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Count(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Count(instrument, 1, tags));
        listener.Start();
        return listener;
    }

    private static Task UnusedAsync(Gateway gateway)
    {
        var admission = gateway.Services.GetRequiredService<AdmissionRegistry>().Get(gateway.Cluster);
        return Eventually.TrueAsync(
            () => admission.Queue.Length == 0 && gateway.Cluster.Destinations.Values.All(each => admission.Of(each) is { Used: 0, Queue.Length: 0 }), "all slots are given back");
    }
}
