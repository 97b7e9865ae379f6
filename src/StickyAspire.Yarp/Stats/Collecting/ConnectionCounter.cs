using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using StickyAspire.Yarp.Stats.Counting;

namespace StickyAspire.Yarp.Stats.Collecting;

/// <summary>Counts the clients' connections, of which Kestrel tells by its meter: HAProxy's sessions of a frontend.</summary>
internal sealed class ConnectionCounter(StatsCollector collector, IMeterFactory meterFactory) : IHostedService, IDisposable
{
    private readonly MeterListener _listener = new();

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            // This host's server only: a process may have several.
            if (instrument.Name == "kestrel.active_connections" && ReferenceEquals(instrument.Meter.Scope, meterFactory))
            {
                listener.EnableMeasurementEvents(instrument, collector);
            }
        };
        _listener.SetMeasurementEventCallback<long>(static (_, change, _, state) =>
        {
            var counting = (StatsCollector)state!;
            if (change > 0)
            {
                counting.Connections.Begin(counting.Now);
            }
            else
            {
                counting.Connections.End();
            }
        });
        _listener.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _listener.Dispose();
}
