using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using StickyAspire.Trunks;

namespace Yarp.Tests.Trunks;

/// <summary>Both ends of a trunk in this process, on a real connection.</summary>
internal sealed class TrunkPair : IAsyncDisposable
{
    private readonly Channel<TrunkStream> _opened = Channel.CreateUnbounded<TrunkStream>();
    private readonly List<Task> _runs = [];

    private TrunkPair(Stream gateway, TrunkTransport server, TimeProvider? gatewayTime, TimeProvider? serverTime)
    {
        Gateway = new Trunk(new StreamTrunkTransport(gateway, gateway.Dispose), null, inline: true, gatewayTime ?? TimeProvider.System);
        Server = new Trunk(server, stream => _opened.Writer.TryWrite(stream), inline: true, serverTime ?? TimeProvider.System);
        GatewayEnd = Gateway.RunAsync();
        ServerEnd = Server.RunAsync();
        _runs.AddRange([GatewayEnd, ServerEnd]);
    }

    public Trunk Gateway { get; }

    public Trunk Server { get; }

    public Task<Exception?> GatewayEnd { get; }

    public Task<Exception?> ServerEnd { get; }

    public static async Task<TrunkPair> StartAsync(TimeProvider? gatewayTime = null, TimeProvider? serverTime = null, Func<Stream, TrunkTransport>? serverTransport = null)
    {
        var (gateway, server) = await ConnectAsync();
        return new TrunkPair(gateway, serverTransport?.Invoke(server) ?? new StreamTrunkTransport(server, server.Dispose), gatewayTime, serverTime);
    }

    /// <summary>Two ends of a connection.</summary>
    public static async Task<(NetworkStream One, NetworkStream Other)> ConnectAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var one = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        var accepting = listener.AcceptSocketAsync(TestContext.Current.CancellationToken);
        await one.ConnectAsync(listener.LocalEndpoint, TestContext.Current.CancellationToken);
        return (new NetworkStream(one, ownsSocket: true), new NetworkStream(await accepting, ownsSocket: true));
    }

    /// <summary>Opens a stream: its ends at the gateway and at the server.</summary>
    public async Task<(TrunkStream Gateway, TrunkStream Server)> OpenAsync()
    {
        var stream = Gateway.TryOpen()!;
        Gateway.Writer.Flush();
        return (stream, await _opened.Reader.ReadAsync(TestContext.Current.CancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        Gateway.Abort();
        Server.Abort();
        await Task.WhenAll(_runs);
    }
}
