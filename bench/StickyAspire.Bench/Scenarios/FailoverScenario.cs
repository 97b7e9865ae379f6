using StickyAspire.Bench.Clients;
using StickyAspire.Bench.Measuring;
using StickyAspire.Bench.Net;

namespace StickyAspire.Bench.Scenarios;

/// <summary>
/// <c>kill -9</c> of one server: how long until all of its clients have a session again, each with its cookie, trying again as socket.io-client does
/// (after 1 s, 2 s, 4 s, 5 s …, each by half more or less).
/// </summary>
internal sealed class FailoverScenario(EventLoop loop, SystemUnderTest system, int clientCount)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Random _random = new(1);
    private readonly List<BenchClient> _clients = [];
    private int _affected;
    private int _back;

    /// <summary>Kills a server, waits, and starts it again.</summary>
    /// <returns>How many clients were affected, and the seconds until the last of them was back.</returns>
    public (int Affected, double Seconds) Measure(string server)
    {
        var victim = system.Processes.Single(process => process.Name == server);
        var cookie = "SERVERID=s" + server[^1];
        for (var i = 0; i < clientCount; i++)
        {
            Connect(null, _ => { });
        }

        if (!loop.RunUntil(() => _clients.Count(client => client.IsReady) == clientCount, Limit))
        {
            throw new BenchException($"Not all clients could connect to {system.Name}.");
        }

        _affected = _clients.Count(client => client.Cookie == cookie);
        _back = 0;
        foreach (var client in _clients)
        {
            client.Lost = lost => Retry(lost.Cookie, 0);
        }

        var revival = new ProcessRevival(victim);
        var start = EventLoop.Now;
        revival.Kill();
        if (!loop.RunUntil(() => _back == _affected, Limit))
        {
            throw new BenchException($"Only {_back} of {_affected} clients of {system.Name} came back.");
        }

        var seconds = (double)(EventLoop.Now - start) / System.Diagnostics.Stopwatch.Frequency;
        foreach (var client in _clients)
        {
            client.Close();
        }

        _clients.Clear();
        system.Replace(victim, revival.Revive());
        WaitUntilBack(server);
        return (_affected, seconds);
    }

    private WebSocketClient Connect(string? cookie, Action<BenchClient> onReady)
    {
        var client = new WebSocketClient(loop, system.Port) { Index = _clients.Count, Cookie = cookie, Ready = onReady };
        _clients.Add(client);
        client.Start();
        return client;
    }

    private void Retry(string? cookie, int attempt)
    {
        var delay = Math.Min(1000 << attempt, 5000) * (0.5 + _random.NextDouble());
        loop.Schedule(TimeSpan.FromMilliseconds(delay), () =>
            Connect(cookie, _ => _back++).Lost = lost => Retry(lost.Cookie, Math.Min(attempt + 1, 3)));
    }

    /// <summary>Asks for sessions until one is the server's own again.</summary>
    private void WaitUntilBack(string server)
    {
        var cookie = "SERVERID=s" + server[^1];
        var isBack = false;
        Probe();
        if (!loop.RunUntil(() => isBack, Limit))
        {
            throw new BenchException($"{server} of {system.Name} did not come back.");
        }

        void Probe()
        {
            var probe = new WebSocketClient(loop, system.Port) { Cookie = cookie };
            probe.Ready = _ =>
            {
                probe.Close();
                isBack = probe.Cookie == cookie;
                if (!isBack)
                {
                    loop.Schedule(TimeSpan.FromMilliseconds(200), Probe);
                }
            };
            probe.Lost = _ => loop.Schedule(TimeSpan.FromMilliseconds(200), Probe);
            probe.Start();
        }
    }
}
