using System.Globalization;
using StickyAspire.Bench.Clients;
using StickyAspire.Bench.Measuring;
using StickyAspire.Bench.Net;
using StickyAspire.Bench.Reporting;
using StickyAspire.Bench.Scenarios;

namespace StickyAspire.Bench;

/// <summary>Runs the scenarios on both systems by turns.</summary>
internal sealed class BenchRunner(BenchOptions options, SystemUnderTest ours, SystemUnderTest? incumbent) : IDisposable
{
    /// <summary>What our own process and the gateways need besides their sessions' sockets.</summary>
    private const int SpareFiles = 1000;

    private const int MaxWarmUps = 8;

    /// <summary>A round that takes less than this part of the time of the one before is followed by another.</summary>
    private const double Settled = 0.93;

    private static readonly Scenario[] Scenarios =
    [
        new ConnectScenario("connect, WebSocket", ClientKind.WebSocket),
        new ConnectScenario("connect, polling", ClientKind.Polling),
        new ConnectScenario("connect, polling then upgrade", ClientKind.Upgrading),
        new ConnectScenario("connect, WebSocket, paced 500/s", ClientKind.WebSocket, 500),
        new ConnectScenario("connect, polling, paced 200/s", ClientKind.Polling, 200),
        new EchoScenario("WebSocket echo, 100 clients", ClientKind.WebSocket, 100),
        new EchoScenario("WebSocket echo, 1,000 clients", ClientKind.WebSocket, 1000),
        new EchoScenario("WebSocket echo, paced 5,000/s, 1,000 clients", ClientKind.WebSocket, 1000, 5000),
        new EchoScenario("polling echo, 100 clients", ClientKind.Polling, 100),
        new EchoScenario("polling echo, paced 2,000/s, 100 clients", ClientKind.Polling, 100, 2000),
        new FanOutScenario("Socket.IO fan-out, 10 clients", ClientKind.WebSocket, 10),
        new FanOutScenario("Socket.IO fan-out, 1,000 clients", ClientKind.WebSocket, 1000),
        new FanOutScenario("Socket.IO fan-out, paced 10/s, 1,000 clients", ClientKind.WebSocket, 1000, 10),
        new PlainHttpScenario("plain HTTP, 32 connections", 32),
        new EchoScenario("SignalR echo, 100 clients", ClientKind.SignalR, 100) { IsOursOnly = true },
        new EchoScenario("SignalR echo, 1,000 clients", ClientKind.SignalR, 1000) { IsOursOnly = true },
        new FanOutScenario("SignalR fan-out, 1,000 clients", ClientKind.SignalR, 1000) { IsOursOnly = true },
    ];

    private readonly EventLoop _loop = new();

    public void Dispose() => _loop.Dispose();

    public string Run()
    {
        var report = new Report();
        report.AddHeader(options);

        // First, while the processes are fresh: what a burst of load leaves in a heap is not a session's.
        if (options.Includes("memory"))
        {
            MeasureMemory(report);
        }

        var results = Scenarios.Where(scenario => options.Includes(scenario.Name)).Select(Measure).ToList();
        if (results.Count > 0)
        {
            report.AddScenarios(results);
        }

        if (options.Includes("failover"))
        {
            MeasureFailover(report);
        }

        return report.ToString();
    }

    private ScenarioResult Measure(Scenario scenario)
    {
        using var run = scenario.Open(_loop, ours);
        using var otherRun = incumbent is null || scenario.IsOursOnly ? null : scenario.Open(_loop, incumbent);

        WarmUp(run);
        if (otherRun is not null)
        {
            WarmUp(otherRun);
        }

        var result = new ScenarioResult(scenario, new List<Measurement>(), new List<Measurement>());
        for (var round = 0; round < options.Rounds; round++)
        {
            ((List<Measurement>)result.Ours).Add(run.Measure(options.RoundTime));
            if (otherRun is not null)
            {
                ((List<Measurement>)result.Incumbent).Add(otherRun.Measure(options.RoundTime));
            }
        }

        Console.Error.WriteLine($"{scenario.Name}: ratio {result.Ratio(cpu => cpu.Total)}, ours {Report.Cpu(result.Ours)}, incumbent {Report.Cpu(result.Incumbent)}");
        return result;
    }

    /// <summary>
    /// Rounds that are not counted, until two of them take hardly less CPU time than the best before: by then the just-in-time compilers, theirs and ours, have had their turn. One would not do on a machine with other work.
    /// </summary>
    private void WarmUp(IScenarioRun run)
    {
        var best = double.PositiveInfinity;
        var settled = 0;
        for (var round = 0; round < MaxWarmUps && settled < 2; round++)
        {
            var measured = run.Measure(options.WarmUp);
            var now = measured.Cpu.Total / measured.Operations;
            settled = now > best * Settled ? settled + 1 : 0;
            best = Math.Min(best, now);
        }
    }

    private void MeasureMemory(Report report)
    {
        var most = ReadOpenFileLimit() / 2 - SpareFiles / 2;
        int[] counts = options.IsQuick ? [1000] : [Math.Min(5000, most), Math.Min(10_000, most)];
        var hold = TimeSpan.FromSeconds(options.IsQuick ? 3 : 30);
        Console.Error.WriteLine("memory …");
        report.AddMemory(
            MemoryScenario.Measure(_loop, ours, counts, hold),
            incumbent is null ? [] : MemoryScenario.Measure(_loop, incumbent, counts, hold));
    }

    private void MeasureFailover(Report report)
    {
        const int Clients = 300;
        var rounds = options.IsQuick ? 1 : 3;
        var ourRounds = new List<(int, double)>();
        var otherRounds = new List<(int, double)>();
        for (var round = 1; round <= rounds; round++)
        {
            Console.Error.WriteLine($"failover, round {round} …");
            ourRounds.Add(new FailoverScenario(_loop, ours, Clients).Measure($"realtime-{round}"));
            if (incumbent is not null)
            {
                otherRounds.Add(new FailoverScenario(_loop, incumbent, Clients).Measure($"realtime-{round}"));
            }
        }

        report.AddFailover(ourRounds, otherRounds);
    }

    private static int ReadOpenFileLimit()
    {
        var line = File.ReadLines("/proc/self/limits").First(line => line.StartsWith("Max open files", StringComparison.Ordinal));
        var limit = line["Max open files".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
        return int.TryParse(limit, CultureInfo.InvariantCulture, out var number) ? number : int.MaxValue;
    }
}
