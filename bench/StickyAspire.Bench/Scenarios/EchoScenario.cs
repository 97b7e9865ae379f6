using StickyAspire.Bench.Clients;
using StickyAspire.Bench.Measuring;
using StickyAspire.Bench.Net;

namespace StickyAspire.Bench.Scenarios;

/// <summary>Requests with an acknowledgement. Without a rate every client sends the next one when it has its answer; with a rate they take turns, come what may.</summary>
/// <param name="Name">What the tables call it.</param>
/// <param name="Kind">How the clients talk.</param>
/// <param name="Clients">How many there are.</param>
/// <param name="Rate">Requests a second of all clients together, or null.</param>
internal sealed record EchoScenario(string Name, ClientKind Kind, int Clients, int? Rate = null) : Scenario(Name, "echo")
{
    public override IScenarioRun Open(EventLoop loop, SystemUnderTest system) => new Run(this, loop, system);

    private sealed class Run : IScenarioRun
    {
        private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(30);

        private readonly EchoScenario _scenario;
        private readonly EventLoop _loop;
        private readonly SystemUnderTest _system;
        private readonly ClientGroup _group;
        private readonly byte[][] _frames;
        private readonly Words _words;
        private Latencies _latencies = new();
        private long _answers;
        private int _waiting;
        private bool _isRunning;

        public Run(EchoScenario scenario, EventLoop loop, SystemUnderTest system)
        {
            _scenario = scenario;
            _loop = loop;
            _system = system;
            _group = new ClientGroup(loop);
            _group.Connect(system, scenario.Kind, scenario.Clients);
            _words = Words.Of(scenario.Kind);
            _frames = [.. _group.Clients.Select(client => client.Prepare(_words.Echo))];
            foreach (var client in _group.Clients)
            {
                client.Received = OnReceived;
            }
        }

        public Measurement Measure(TimeSpan time)
        {
            _latencies = new Latencies();
            _isRunning = true;
            var before = CpuTimes.Read(_system);
            var answersBefore = _answers;
            var start = EventLoop.Now;
            if (_scenario.Rate is { } rate)
            {
                var next = 0;
                _loop.Pacer = new Pacer(start, rate, due => Send(_group.Clients[next++ % _group.Clients.Count], due)).RunDue;
            }
            else
            {
                foreach (var client in _group.Clients)
                {
                    Send(client, start);
                }
            }

            _loop.RunFor(time);
            _isRunning = false;
            _loop.Pacer = null;

            // What is under way belongs to the round, its CPU time and its latency alike.
            if (!_loop.RunUntil(() => _waiting == 0, DrainLimit))
            {
                throw new BenchException($"{_waiting} echoes of {_system.Name} never came back.");
            }

            var seconds = (double)(EventLoop.Now - start) / System.Diagnostics.Stopwatch.Frequency;
            return new Measurement(_answers - answersBefore, seconds, CpuTimes.Read(_system) - before, _latencies.Histogram);
        }

        public void Dispose() => _group.Dispose();

        private void Send(BenchClient client, long intended)
        {
            _waiting++;
            client.Intended.Enqueue(intended);
            client.Send(_frames[client.Index]);
        }

        private void OnReceived(BenchClient client, ReadOnlySpan<byte> message)
        {
            if (!_words.IsAnswer(message))
            {
                return;
            }

            _answers++;
            _waiting--;
            _latencies.Record(client.Intended.Dequeue());
            if (_isRunning && _scenario.Rate is null)
            {
                Send(client, EventLoop.Now);
            }
        }
    }
}
