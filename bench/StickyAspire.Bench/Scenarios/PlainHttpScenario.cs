using System.Text;
using StickyAspire.Bench.Measuring;
using StickyAspire.Bench.Net;

namespace StickyAspire.Bench.Scenarios;

/// <summary>Small GETs through the gateway, over connections that are kept.</summary>
/// <param name="Name">What the tables call it.</param>
/// <param name="Connections">How many connections there are.</param>
internal sealed record PlainHttpScenario(string Name, int Connections) : Scenario(Name, "request")
{
    public override IScenarioRun Open(EventLoop loop, SystemUnderTest system) => new Run(this, loop, system);

    private sealed class Run : IScenarioRun
    {
        private readonly EventLoop _loop;
        private readonly SystemUnderTest _system;
        private readonly HttpConnection[] _connections;
        private readonly long[] _sentAt;
        private readonly byte[] _request;
        private Latencies _latencies = new();
        private long _answers;
        private int _waiting;
        private bool _isRunning;

        public Run(PlainHttpScenario scenario, EventLoop loop, SystemUnderTest system)
        {
            _loop = loop;
            _system = system;
            _request = Encoding.ASCII.GetBytes($"GET /bench/plain HTTP/1.1\r\nHost: localhost:{system.Port}\r\nUser-Agent: StickyAspire.Bench\r\nAccept: */*\r\n\r\n");
            _sentAt = new long[scenario.Connections];
            _connections = new HttpConnection[scenario.Connections];
            for (var i = 0; i < _connections.Length; i++)
            {
                var index = i;
                _connections[i] = new HttpConnection(loop, system.Port) { Answered = (status, _, _) => OnAnswered(index, status) };
            }
        }

        public Measurement Measure(TimeSpan time)
        {
            _latencies = new Latencies();
            _isRunning = true;
            var before = CpuTimes.Read(_system);
            var answersBefore = _answers;
            var start = EventLoop.Now;
            for (var i = 0; i < _connections.Length; i++)
            {
                Send(i);
            }

            _loop.RunFor(time);
            _isRunning = false;
            if (!_loop.RunUntil(() => _waiting == 0, TimeSpan.FromSeconds(10)))
            {
                throw new BenchException($"{_waiting} requests to {_system.Name} were never answered.");
            }

            var seconds = (double)(EventLoop.Now - start) / System.Diagnostics.Stopwatch.Frequency;
            return new Measurement(_answers - answersBefore, seconds, CpuTimes.Read(_system) - before, _latencies.Histogram);
        }

        public void Dispose()
        {
            foreach (var connection in _connections)
            {
                connection.Close();
            }
        }

        private void Send(int index)
        {
            _waiting++;
            _sentAt[index] = EventLoop.Now;
            _connections[index].Send(_request);
        }

        private void OnAnswered(int index, int status)
        {
            if (status != 200)
            {
                throw new BenchException($"GET /bench/plain on {_system.Name} was answered {status}.");
            }

            _answers++;
            _waiting--;
            _latencies.Record(_sentAt[index]);
            if (_isRunning)
            {
                Send(index);
            }
        }
    }
}
