using System.Net;
using System.Net.Sockets;
using System.Text;

namespace StickyAspire.Bench.IdleMemory;

/// <summary>What stands behind the measured gateway: opens every WebSocket, lets it join, and else says nothing. Raw, to be light.</summary>
internal sealed class BackendServer : IDisposable
{
    private const string Accepted =
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public BackendServer()
    {
        _listener.Start(1024);
        _ = AcceptAsync();
    }

    public string Url => $"http://{_listener.LocalEndpoint}";

    public void Dispose() => _listener.Dispose();

    private static ReadOnlySpan<byte> Open => [0x81, 3, (byte)'0', (byte)'{', (byte)'}'];

    private static ReadOnlySpan<byte> Joined => [0x81, 4, (byte)'4', (byte)'0', (byte)'{', (byte)'}'];

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptSocketAsync());
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
        }
    }

    private static async Task ServeAsync(Socket socket)
    {
        using var _ = socket;
        socket.NoDelay = true;
        try
        {
            await socket.ReceiveAsync(new byte[4096]);
            await socket.SendAsync((byte[])[.. Encoding.ASCII.GetBytes(Accepted), .. Open]);
            await socket.ReceiveAsync(new byte[64]);
            await socket.SendAsync(Joined.ToArray());
            await socket.ReceiveAsync(new byte[1]);
        }
        catch (SocketException)
        {
        }
    }
}
