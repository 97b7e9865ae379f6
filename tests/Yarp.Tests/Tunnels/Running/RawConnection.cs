using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Yarp.Tests.Tunnels.Running;

/// <summary>One side of a connection, byte by byte.</summary>
internal sealed class RawConnection(Socket socket) : IDisposable
{
    public const string Accepted = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public Socket Socket => socket;

    public static async Task<RawConnection> ConnectAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), Cancellation);
        return new RawConnection(socket);
    }

    /// <summary>Connects and asks for a WebSocket, without waiting for the answer.</summary>
    public static async Task<RawConnection> AskAsync(int port, string headers = "")
    {
        var connection = await ConnectAsync(port);
        await connection.SendAsync(
            "GET /socket.io/?transport=websocket HTTP/1.1\r\nHost: gateway\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + $"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{headers}\r\n");
        return connection;
    }

    /// <summary>Opens a WebSocket.</summary>
    public static async Task<RawConnection> OpenAsync(int port)
    {
        var connection = await AskAsync(port);
        Assert.StartsWith("HTTP/1.1 101 ", await connection.ReceiveHeadAsync());
        return connection;
    }

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> data)
    {
        while (!data.IsEmpty)
        {
            data = data[await socket.SendAsync(data, Cancellation)..];
        }
    }

    public async Task<string> ReceiveHeadAsync()
    {
        var head = new StringBuilder();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            head.Append((char)(await ReceiveAsync(1))[0]);
        }

        return head.ToString();
    }

    /// <summary>So many bytes, not fewer.</summary>
    public async Task<byte[]> ReceiveAsync(int count)
    {
        var data = new byte[count];
        for (var received = 0; received < count;)
        {
            var more = await socket.ReceiveAsync(data.AsMemory(received), Cancellation);
            Assert.True(more > 0, $"The connection ended after {received} of {count} bytes.");
            received += more;
        }

        return data;
    }

    /// <summary>Everything up to the end, which may be a broken one.</summary>
    public async Task<byte[]> ReceiveToEndAsync()
    {
        using var all = new MemoryStream();
        var buffer = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(buffer.AsMemory(), Cancellation) is > 0 and var count)
            {
                all.Write(buffer, 0, count);
            }
        }
        catch (SocketException)
        {
        }

        return all.ToArray();
    }

    /// <summary>Closes with RST.</summary>
    public void Reset()
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Dispose();
    }

    public void Dispose() => socket.Dispose();
}
