using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace SocketIO.Tests.Server;

/// <summary>A WebSocket client that shows and sends bytes as they are.</summary>
internal sealed class RawClient(TcpClient tcp, Stream stream) : IDisposable
{
    private const string Path = "/socket.io/?EIO=4&transport=websocket";

    private const string Headers = "HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

    public Stream Stream => stream;

    /// <summary>Whether the frame read last was compressed: RSV1 of its first byte (RFC 7692, section 6).</summary>
    public bool IsCompressed { get; private set; }

    /// <summary>Sends the handshake of RFC 6455's example, and what is to follow it in the same write. The address may have a path.</summary>
    public static Task<RawClient> OpenAsync(Uri url, params string[] texts) => OpenWithAsync(url, "", texts);

    /// <summary>Likewise, with further headers.</summary>
    public static async Task<RawClient> OpenWithAsync(Uri url, string headers, params string[] texts)
    {
        var tcp = new TcpClient { NoDelay = true };
        await tcp.ConnectAsync(url.Host, url.Port, TestContext.Current.CancellationToken);
        Stream stream = tcp.GetStream();
        if (url.Scheme == Uri.UriSchemeHttps)
        {
            var tls = new SslStream(stream);
#pragma warning disable CA5359 // The test's own certificate, on loopback.
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", RemoteCertificateValidationCallback = (_, _, _, _) => true }, TestContext.Current.CancellationToken);
#pragma warning restore CA5359
            stream = tls;
        }

        await stream.WriteAsync((byte[])[.. Encoding.ASCII.GetBytes($"GET {(url.PathAndQuery == "/" ? Path : url.PathAndQuery)} {Headers}{headers}\r\n"), .. texts.SelectMany(Text)], TestContext.Current.CancellationToken);
        return new RawClient(tcp, stream);
    }

    /// <summary>A whole text frame, masked with zeros.</summary>
    public static byte[] Text(string text) => [0x81, (byte)(0x80 | text.Length), 0, 0, 0, 0, .. Encoding.UTF8.GetBytes(text)];

    public async Task<string> ReadTextAsync() => Encoding.UTF8.GetString((await ReadFrameAsync()).Payload);

    /// <summary>Sends no more, but still reads.</summary>
    public void EndSending() => tcp.Client.Shutdown(SocketShutdown.Send);

    /// <summary>Has the connection end without a word, by a reset.</summary>
    public void Reset()
    {
        tcp.LingerState = new LingerOption(true, 0);
        tcp.Close();
    }

    public async Task<string> ReadHeadersAsync()
    {
        var headers = new StringBuilder();
        var buffer = new byte[1];
        while (!headers.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await Stream.ReadExactlyAsync(buffer, TestContext.Current.CancellationToken);
            headers.Append((char)buffer[0]);
        }

        return headers.ToString();
    }

    public async Task<(int Opcode, byte[] Payload)> ReadFrameAsync()
    {
        var header = new byte[2];
        await Stream.ReadExactlyAsync(header, TestContext.Current.CancellationToken);
        Assert.True(header[1] <= 126, "The server's frames are not masked, and not that long here.");
        var length = (int)header[1];
        if (length == 126)
        {
            var extended = new byte[2];
            await Stream.ReadExactlyAsync(extended, TestContext.Current.CancellationToken);
            length = extended[0] << 8 | extended[1];
        }

        IsCompressed = (header[0] & 0x40) != 0;
        var payload = new byte[length];
        await Stream.ReadExactlyAsync(payload, TestContext.Current.CancellationToken);
        return (header[0] & 0xF, payload);
    }

    /// <summary>Reads up to the answer to a CONNECT that has been sent.</summary>
    public async Task JoinedAsync()
    {
        Assert.StartsWith("HTTP/1.1 101", await ReadHeadersAsync(), StringComparison.Ordinal);
        Assert.StartsWith("0{", await ReadTextAsync(), StringComparison.Ordinal);
        Assert.StartsWith("40{", await ReadTextAsync(), StringComparison.Ordinal);
    }

    public async Task<(int Opcode, int Status)> ReadCloseAsync()
    {
        var (opcode, payload) = await ReadFrameAsync();
        return (opcode, payload[0] << 8 | payload[1]);
    }

    /// <summary>How many bytes of one are left before the end, which may be a broken one.</summary>
    public async Task<int> ReadToEndAsync()
    {
        try
        {
            return await Stream.ReadAsync(new byte[1], TestContext.Current.CancellationToken);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    public Task WriteTextAsync(string text) => Stream.WriteAsync(Text(text), TestContext.Current.CancellationToken).AsTask();

    public void Dispose() => tcp.Dispose();
}
