using StickyAspire.Bench.Measuring;
using StickyAspire.Bench.Net;

namespace StickyAspire.Bench.Clients;

/// <summary>Many clients of one system.</summary>
internal sealed class ClientGroup : IDisposable
{
    /// <summary>How many connect at a time: enough to keep the system busy, few enough not to be a flood.</summary>
    private const int Concurrency = 32;

    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(120);

    private readonly EventLoop _loop;
    private readonly List<BenchClient> _clients = [];

    public ClientGroup(EventLoop loop) => _loop = loop;

    public IReadOnlyList<BenchClient> Clients => _clients;

    public static BenchClient Create(EventLoop loop, SystemUnderTest system, ClientKind kind, int index) => kind switch
    {
        ClientKind.WebSocket => new WebSocketClient(loop, system.Port) { Index = index },
        ClientKind.Polling => new PollingClient(loop, system.Port) { Index = index },
        ClientKind.Upgrading => new UpgradingClient(loop, system.Port) { Index = index },
        _ => new SignalRClient(loop, system.Port) { Index = index },
    };

    /// <summary>Connects more clients, and returns when all are ready.</summary>
    public void Connect(SystemUnderTest system, ClientKind kind, int count)
    {
        var ready = 0;
        var started = 0;
        for (var i = 0; i < Math.Min(Concurrency, count); i++)
        {
            StartNext();
        }

        if (!_loop.RunUntil(() => ready == count, ConnectLimit))
        {
            throw new BenchException($"Only {ready} of {count} clients could connect to {system.Name}.");
        }

        void OnReady(BenchClient client)
        {
            ready++;
            client.Ready = null;
            StartNext();
        }

        void StartNext()
        {
            if (started == count)
            {
                return;
            }

            started++;
            var client = Create(_loop, system, kind, _clients.Count);
            client.Ready = OnReady;
            client.Lost = lost => throw new BenchException($"A client of {system.Name} lost its session ({kind}): {lost.LossReason}.");
            _clients.Add(client);
            client.Start();
        }
    }

    /// <summary>Sends everybody's message and waits for everybody's answer.</summary>
    public void Ask(ReadOnlySpan<byte> message, Words words)
    {
        var answers = 0;
        foreach (var client in _clients)
        {
            client.Received = (_, text) => answers += words.IsAnswer(text) ? 1 : 0;
            client.Send(client.Prepare(message));
        }

        if (!_loop.RunUntil(() => answers == _clients.Count, ConnectLimit))
        {
            throw new BenchException($"Only {answers} of {_clients.Count} clients were answered.");
        }
    }

    public void Dispose()
    {
        foreach (var client in _clients)
        {
            client.Close();
        }

        _clients.Clear();
    }
}
