using System.Net;
using System.Net.Sockets;
using System.Text;

namespace StickyAspire.Bench.IdleMemory;

/// <summary>A client that joins the default namespace, answers pings, and else does nothing. Raw, to be light.</summary>
internal sealed class IdleClient(Socket socket) : IDisposable
{
    /// <summary>What Chromium sends when a page opens a WebSocket.</summary>
    private const string Request =
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nPragma: no-cache\r\nCache-Control: no-cache\r\n" +
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36\r\nUpgrade: websocket\r\n" +
        "Origin: http://127.0.0.1\r\nSec-WebSocket-Version: 13\r\nAccept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en-US,en;q=0.9\r\n" +
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n";

    private static readonly byte[] Join = Mask("40");
    private static readonly byte[] Pong = Mask("3");
    private readonly byte[] _buffer = new byte[1024];

    public static async Task<IdleClient> ConnectAsync(IPEndPoint server)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server);
        var client = new IdleClient(socket);
        await socket.SendAsync(Encoding.ASCII.GetBytes(Request));
        await client.ReadUntilAsync("0{");
        await socket.SendAsync(Join);
        await client.ReadUntilAsync("40{");
        _ = client.AnswerPingsAsync();
        return client;
    }

    public void Dispose() => socket.Dispose();

    private async Task ReadUntilAsync(string text)
    {
        var seen = "";
        while (!seen.Contains(text, StringComparison.Ordinal))
        {
            var count = await socket.ReceiveAsync(_buffer);
            seen += count > 0 ? Encoding.Latin1.GetString(_buffer, 0, count) : throw new IOException($"The server closed the connection after: {seen}");
        }
    }

    private async Task AnswerPingsAsync()
    {
        try
        {
            while (await socket.ReceiveAsync(_buffer) is var count and > 0)
            {
                if (_buffer.AsSpan(0, count).SequenceEqual(Ping))
                {
                    await socket.SendAsync(Pong);
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
        }
    }

    private static ReadOnlySpan<byte> Ping => [0x81, 1, (byte)'2'];

    /// <summary>A text frame, masked with zeros.</summary>
    private static byte[] Mask(string text) => [0x81, (byte)(0x80 | text.Length), 0, 0, 0, 0, .. Encoding.ASCII.GetBytes(text)];
}
