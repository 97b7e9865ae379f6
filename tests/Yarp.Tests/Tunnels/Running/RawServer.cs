using System.Net;
using System.Net.Sockets;

namespace Yarp.Tests.Tunnels.Running;

/// <summary>A server that does what the test says, byte by byte.</summary>
internal sealed class RawServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public RawServer() => _listener.Start(1024);

    public string Url => $"http://{_listener.LocalEndpoint}";

    /// <summary>The next connection.</summary>
    public async Task<RawConnection> AcceptAsync() => new(await _listener.AcceptSocketAsync(TestContext.Current.CancellationToken));

    /// <summary>Opens a tunnel through the gateway, and gives both ends of it.</summary>
    public async Task<(RawConnection Client, RawConnection Server)> OpenAsync(Gateway gateway)
    {
        var client = await RawConnection.AskAsync(gateway.Port);
        var server = await AcceptAsync();
        await server.ReceiveHeadAsync();
        await server.SendAsync(RawConnection.Accepted);
        Assert.StartsWith("HTTP/1.1 101 ", await client.ReceiveHeadAsync());
        return (client, server);
    }

    public void Dispose() => _listener.Dispose();
}
