using StickyAspire.Bench.Clients;
using StickyAspire.Bench.Measuring;
using StickyAspire.Bench.Net;

namespace StickyAspire.Bench.Scenarios;

/// <summary>
/// Sessions from the first request to the answer to CONNECT. Without a rate a number of them are kept under way; with a rate they begin by the clock, come what may. What it takes to close them is not counted.
/// </summary>
/// <param name="Name">What the tables call it.</param>
/// <param name="Kind">How the clients talk.</param>
/// <param name="Rate">Sessions a second, or null.</param>
internal sealed record ConnectScenario(string Name, ClientKind Kind, int? Rate = null) : Scenario(Name, "connect")
{
    public override IScenarioRun Open(EventLoop loop, SystemUnderTest system) => new Run(this, loop, system);

    private sealed class Run(ConnectScenario scenario, EventLoop loop, SystemUnderTest system) : IScenarioRun
    {
        private const int Concurrency = 16;
        private const int MaxSessions = 3000;
        private const int MaxFailures = 20;

        private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(300);
        private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(30);

        private readonly List<BenchClient> _clients = [];
        private Latencies _latencies = new();
        private bool _isRunning;
        private int _ready;
        private int _failures;

        public Measurement Measure(TimeSpan time)
        {
            _latencies = new Latencies();
            _ready = 0;
            _isRunning = true;
            var before = CpuTimes.Read(system);
            var start = EventLoop.Now;
            if (scenario.Rate is { } rate)
            {
                loop.Pacer = new Pacer(start, rate, StartNext).RunDue;
            }
            else
            {
                for (var i = 0; i < Concurrency; i++)
                {
                    StartNext(EventLoop.Now);
                }
            }

            loop.RunUntil(() => _clients.Count >= MaxSessions, time);
            _isRunning = false;
            loop.Pacer = null;
            if (!loop.RunUntil(() => _ready == _clients.Count, DrainLimit))
            {
                throw new BenchException($"Only {_ready} of {_clients.Count} sessions of {system.Name} came to be ({scenario.Name}).");
            }

            var seconds = (double)(EventLoop.Now - start) / System.Diagnostics.Stopwatch.Frequency;
            var result = new Measurement(_ready, seconds, CpuTimes.Read(system) - before, _latencies.Histogram);
            Dispose();
            loop.RunFor(Quiet);
            return result;
        }

        public void Dispose()
        {
            foreach (var client in _clients)
            {
                client.Close();
            }

            _clients.Clear();
        }

        private void StartNext(long intended)
        {
            var client = ClientGroup.Create(loop, system, scenario.Kind, _clients.Count);
            client.Intended.Enqueue(intended);
            client.Ready = OnReady;
            client.Lost = OnLost;
            _clients.Add(client);
            client.Start();
        }

        private void OnLost(BenchClient client)
        {
            if (++_failures > MaxFailures)
            {
                throw new BenchException($"Clients of {system.Name} cannot connect ({scenario.Name}): {client.LossReason}.");
            }

            // It tries again, as a real one would.
            Console.Error.WriteLine($"A client of {system.Name} could not connect at first ({scenario.Name}): {client.LossReason}.");
            _clients.Remove(client);
            StartNext(client.Intended.Dequeue());
        }

        private void OnReady(BenchClient client)
        {
            _ready++;
            client.Ready = null;
            client.Lost = null;
            _latencies.Record(client.Intended.Dequeue());
            if (_isRunning && scenario.Rate is null && _clients.Count < MaxSessions)
            {
                StartNext(EventLoop.Now);
            }
        }
    }
}
