using System.Net;
using System.Net.Sockets;
using System.Text;
using StickyAspire.Trunks;

namespace Yarp.Tests.Tunnels.Running;

/// <summary>Takes trunks for a server that knows none: each stream becomes a connection to it. Other connections pass as they are.</summary>
internal sealed class TrunkRelay : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly IPEndPoint _server;
    private readonly List<Trunk> _trunks = [];
    private int _streams;
    private int _others;

    public TrunkRelay(string serverUrl)
    {
        _server = new IPEndPoint(IPAddress.Loopback, new Uri(serverUrl).Port);
        _listener.Start();
        _ = AcceptAsync();
    }

    public string Url => $"http://{_listener.LocalEndpoint}";

    /// <summary>How many streams have been opened.</summary>
    public int Streams => Volatile.Read(ref _streams);

    /// <summary>How many connections have come that are no trunks.</summary>
    public int Others => Volatile.Read(ref _others);

    /// <summary>Cuts what is open.</summary>
    public void CutTrunks()
    {
        lock (_trunks)
        {
            _trunks.ForEach(trunk => trunk.Abort());
        }
    }

    /// <summary>Opens no more streams.</summary>
    public void Leave()
    {
        lock (_trunks)
        {
            _trunks.ForEach(trunk => trunk.Leave());
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        CutTrunks();
    }

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

    private async Task ServeAsync(Socket socket)
    {
        socket.NoDelay = true;
        var connection = new RawConnection(socket);
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await socket.ReceiveAsync(one) > 0)
        {
            head.Append((char)one[0]);
        }

        if (!head.ToString().StartsWith($"GET {TrunkProtocol.Path} ", StringComparison.Ordinal))
        {
            Interlocked.Increment(ref _others);
            using var server = await ConnectAsync();
            await server.SendAsync(Encoding.Latin1.GetBytes(head.ToString()));
            await Task.WhenAll(PassAsync(socket, server), PassAsync(server, socket));
            socket.Dispose();
            return;
        }

        await connection.SendAsync($"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: {TrunkProtocol.Name}\r\n\r\n");
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        var trunk = new Trunk(new StreamTrunkTransport(stream, stream.Dispose), opened => _ = RelayAsync(opened), inline: false, TimeProvider.System);
        lock (_trunks)
        {
            _trunks.Add(trunk);
        }

        await trunk.RunAsync();
        lock (_trunks)
        {
            _trunks.Remove(trunk);
        }
    }

    private async Task RelayAsync(TrunkStream stream)
    {
        Interlocked.Increment(ref _streams);
        var first = await stream.Input.ReadAsync();
        stream.Input.AdvanceTo(first.Buffer.Start);
        if (first.Buffer.IsEmpty)
        {
            // A stream that was only opened to see whether that works.
            stream.Close();
            return;
        }

        Socket server;
        try
        {
            server = await ConnectAsync();
        }
        catch (SocketException)
        {
            stream.Reset();
            return;
        }

        using var _ = server;
        await Task.WhenAll(UpAsync(stream, server), DownAsync(server, stream));
        stream.Input.Complete();
        stream.Close();
    }

    private static async Task UpAsync(TrunkStream stream, Socket server)
    {
        try
        {
            while (true)
            {
                var read = await stream.Input.ReadAsync();
                foreach (var part in read.Buffer)
                {
                    for (var rest = part; !rest.IsEmpty;)
                    {
                        rest = rest[await server.SendAsync(rest)..];
                    }
                }

                stream.Input.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    server.Shutdown(SocketShutdown.Send);
                    return;
                }
            }
        }
        catch (IOException)
        {
            new RawConnection(server).Reset();
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or OperationCanceledException)
        {
        }
    }

    private static async Task DownAsync(Socket server, TrunkStream stream)
    {
        var buffer = new byte[4096];
        try
        {
            while (await server.ReceiveAsync(buffer) is > 0 and var count)
            {
                for (var rest = buffer.AsMemory(0, count); !rest.IsEmpty;)
                {
                    var sent = stream.Send(rest.Span);
                    if (sent < 0)
                    {
                        // A socket's peer that is gone answers with RST.
                        new RawConnection(server).Reset();
                        return;
                    }

                    rest = rest[sent..];
                    if (sent == 0)
                    {
                        await stream.WaitForRoomAsync();
                    }
                }
            }

            stream.Finish();
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            stream.Reset();
        }
    }

    private async Task<Socket> ConnectAsync()
    {
        var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await server.ConnectAsync(_server);
        return server;
    }

    private static async Task PassAsync(Socket from, Socket to)
    {
        var buffer = new byte[4096];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var count)
            {
                await to.SendAsync(buffer.AsMemory(0, count));
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            new RawConnection(to).Reset();
        }
    }
}
