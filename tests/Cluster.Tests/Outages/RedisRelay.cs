using System.Net;
using System.Net.Sockets;
using StickyAspire.TestSupport;

namespace Cluster.Tests.Outages;

/// <summary>Stands between a server and Redis, and can lose what Redis answers to what it has done.</summary>
internal sealed class RedisRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Lock _gate = new();
    private readonly List<Socket> _clients = [];
    private readonly Uri _redis;
    private readonly Task _accepting;
    private volatile bool _isLosing;

    public RedisRelay(RedisProcess redis)
    {
        _redis = new Uri("redis://" + redis.ConnectionString);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string ConnectionString => _listener.LocalEndpoint.ToString()!;

    /// <summary>From now on Redis gets everything, and its answers get nowhere.</summary>
    public void LoseAnswers() => _isLosing = true;

    /// <summary>Ends the connections there are. Those to come are whole again.</summary>
    public void Break()
    {
        lock (_gate)
        {
            _clients.ForEach(client => client.Dispose());
            _clients.Clear();
            _isLosing = false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Break();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var client = await _listener.AcceptSocketAsync();
            var redis = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await redis.ConnectAsync(_redis.Host, _redis.Port);
            lock (_gate)
            {
                _clients.Add(client);
            }

            _ = PumpAsync(client, redis, isAnswers: false);
            _ = PumpAsync(redis, client, isAnswers: true);
        }
    }

    /// <summary>Until either has gone; then neither is of use.</summary>
    private async Task PumpAsync(Socket from, Socket to, bool isAnswers)
    {
        var buffer = new byte[16_384];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var count)
            {
                if (!(isAnswers && _isLosing))
                {
                    await to.SendAsync(buffer.AsMemory(0, count));
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Broken off.
        }

        from.Dispose();
        to.Dispose();
    }
}
