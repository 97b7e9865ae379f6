using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using StickyAspire.Yarp.Stats.Live;
using StickyAspire.Yarp.Stats.Rows;

namespace StickyAspire.Yarp.Stats;

/// <summary>
/// The meter <c>StickyAspire.Yarp</c>: the page's numbers as instruments that are read when somebody asks, so that requests pay nothing for them. Tags: <c>cluster</c>, and <c>server</c> where it is one's.
/// </summary>
internal sealed class StatsMetrics(IMeterFactory meterFactory, StatsFeed feed) : IHostedService
{
    private const string Name = "StickyAspire.Yarp";

    private IReadOnlyList<StatsRow> Rows => feed.Current is { IsCompletedSuccessfully: true, Result.Snapshot.Rows: var rows } ? rows : [];

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var meter = meterFactory.Create(Name);
        meter.CreateObservableUpDownCounter("stickyaspire.gateway.connections.active", () => OfFrontend(StatsField.Scur), "{connection}", "Connections of clients.");
        meter.CreateObservableCounter("stickyaspire.gateway.connections", () => OfFrontend(StatsField.ConnTot), "{connection}", "Connections of clients so far.");

        meter.CreateObservableGauge("stickyaspire.cluster.up", () => Of(StatsRowType.Backend, row => (string?)row[StatsField.Status] == "UP" ? 1 : 0), null, "1 where a server is available, else 0.");
        meter.CreateObservableUpDownCounter("stickyaspire.cluster.sessions.active", () => Of(StatsRowType.Backend, StatsField.Scur), "{session}", "Requests and tunnels in progress, those in queues too.");
        meter.CreateObservableCounter("stickyaspire.cluster.sessions", () => Of(StatsRowType.Backend, StatsField.Stot), "{session}", "Requests and tunnels so far.");

        meter.CreateObservableGauge("stickyaspire.server.up", () => Of(StatsRowType.Server, row => ServerStatusText.IsUp((string)row[StatsField.Status]!) ? 1 : 0), null, "1 where the server is up, drains or is not checked; 0 where it is down or in maintenance.");
        meter.CreateObservableGauge("stickyaspire.server.weight", () => Of(StatsRowType.Server, StatsField.Weight), null, "The weight that balancing uses now.");
        meter.CreateObservableUpDownCounter("stickyaspire.server.sessions.active", () => Of(StatsRowType.Server, StatsField.Scur), "{session}", "Requests and tunnels in progress.");
        meter.CreateObservableCounter("stickyaspire.server.sessions", () => Of(StatsRowType.Server, StatsField.Stot), "{session}", "Requests and tunnels so far.");
        meter.CreateObservableUpDownCounter("stickyaspire.server.queue", () => Of(StatsRowType.Server, StatsField.Qcur), "{request}", "Requests that wait for this server.");
        meter.CreateObservableCounter("stickyaspire.server.received", () => Of(StatsRowType.Server, StatsField.Bin), "By", "Bytes from clients.");
        meter.CreateObservableCounter("stickyaspire.server.sent", () => Of(StatsRowType.Server, StatsField.Bout), "By", "Bytes to clients.");
        meter.CreateObservableCounter("stickyaspire.server.errors.connect", () => Of(StatsRowType.Server, StatsField.Econ), "{error}", "Connections that could not be made.");
        meter.CreateObservableCounter("stickyaspire.server.errors.response", () => Of(StatsRowType.Server, StatsField.Eresp), "{error}", "Answers that never came.");
        meter.CreateObservableCounter("stickyaspire.server.retries", () => Of(StatsRowType.Server, StatsField.Wretr), "{request}", "Requests sent once more.");
        meter.CreateObservableCounter("stickyaspire.server.redispatches", () => Of(StatsRowType.Server, StatsField.Wredis), "{request}", "Requests that went to another server instead.");
        meter.CreateObservableCounter("stickyaspire.server.checks.failed", () => Of(StatsRowType.Server, StatsField.Chkfail), "{check}", "Checks that failed while the server was up.");
        meter.CreateObservableCounter("stickyaspire.server.downs", () => Of(StatsRowType.Server, StatsField.Chkdown), "{transition}", "How often it went down.");
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private IEnumerable<Measurement<long>> OfFrontend(StatsField field) => Rows.Where(row => row.Type == StatsRowType.Frontend).Select(row => new Measurement<long>(row.Number(field)));

    private IEnumerable<Measurement<long>> Of(StatsRowType type, StatsField field) => Of(type, row => row.Number(field));

    private IEnumerable<Measurement<long>> Of(StatsRowType type, Func<StatsRow, long> value) =>
        Rows.Where(row => row.Type == type).Select(row => type == StatsRowType.Server
            ? new Measurement<long>(value(row), new KeyValuePair<string, object?>("cluster", row.Proxy), new KeyValuePair<string, object?>("server", row.Name))
            : new Measurement<long>(value(row), new KeyValuePair<string, object?>("cluster", row.Proxy)));
}
