using StickyAspire.Bench.Clients;
using StickyAspire.Bench.Measuring;
using StickyAspire.Bench.Net;

namespace StickyAspire.Bench.Scenarios;

/// <summary>
/// Broadcasts to a room that all clients are in, whichever server they are on; every client takes its turn in sending. Without a rate a few broadcasts
/// are kept under way all the time.
/// </summary>
/// <param name="Name">What the tables call it.</param>
/// <param name="Kind">How the clients talk.</param>
/// <param name="Clients">How many there are.</param>
/// <param name="Rate">Broadcasts a second, or null.</param>
internal sealed record FanOutScenario(string Name, ClientKind Kind, int Clients, int? Rate = null) : Scenario(Name, "delivery")
{
    /// <summary>How many broadcasts are under way at full speed.</summary>
    private const int Window = 8;

    public override IScenarioRun Open(EventLoop loop, SystemUnderTest system) => new Run(this, loop, system);

    private sealed class Run : IScenarioRun
    {
        private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(30);

        private readonly FanOutScenario _scenario;
        private readonly EventLoop _loop;
        private readonly SystemUnderTest _system;
        private readonly ClientGroup _group;
        private readonly Words _words;
        private Latencies _latencies = new();
        private long _sent;
        private long _delivered;

        public Run(FanOutScenario scenario, EventLoop loop, SystemUnderTest system)
        {
            _scenario = scenario;
            _loop = loop;
            _system = system;
            _words = Words.Of(scenario.Kind);
            _group = new ClientGroup(loop);
            _group.Connect(system, scenario.Kind, scenario.Clients);
            _group.Ask(_words.Join, _words);
            foreach (var client in _group.Clients)
            {
                client.Received = OnReceived;
            }
        }

        private long Waiting => _sent * _group.Clients.Count - _delivered;

        public Measurement Measure(TimeSpan time)
        {
            _latencies = new Latencies();
            var before = CpuTimes.Read(_system);
            var deliveredBefore = _delivered;
            var start = EventLoop.Now;
            _loop.Pacer = _scenario.Rate is { } rate ? new Pacer(start, rate, Send).RunDue : KeepWindow;
            _loop.RunFor(time);
            _loop.Pacer = null;
            if (!_loop.RunUntil(() => Waiting == 0, DrainLimit))
            {
                throw new BenchException($"{Waiting} deliveries of {_system.Name} never came.");
            }

            var seconds = (double)(EventLoop.Now - start) / System.Diagnostics.Stopwatch.Frequency;
            return new Measurement(_delivered - deliveredBefore, seconds, CpuTimes.Read(_system) - before, _latencies.Histogram);
        }

        public void Dispose() => _group.Dispose();

        private long KeepWindow(long now)
        {
            while (Waiting <= (Window - 1) * _group.Clients.Count)
            {
                Send(now);
            }

            return long.MaxValue;
        }

        private void Send(long intended)
        {
            var client = _group.Clients[(int)(_sent++ % _group.Clients.Count)];
            client.Send(client.Prepare(_words.Broadcast(intended)));
        }

        private void OnReceived(BenchClient client, ReadOnlySpan<byte> message)
        {
            if (_words.IsDelivery(message, out var time))
            {
                _delivered++;
                _latencies.Record(time);
            }
        }
    }
}
