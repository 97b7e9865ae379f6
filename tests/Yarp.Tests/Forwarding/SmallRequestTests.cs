using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using StickyAspire.Yarp.Forwarding;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace Yarp.Tests.Forwarding;

/// <summary>How requests with a body leave the gateway: the connection is real, and its writes are written down.</summary>
public sealed class SmallRequestTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(300)]
    public async Task SmallRequest_IsOneWrite(int length)
    {
        var body = new string('x', length);

        var (writes, received) = await SendAsync(new FlushingContent(body, hasLength: true));

        Assert.Equal(received, Assert.Single(writes));
        Assert.Contains("Content-Type: text/plain;charset=UTF-8\r\n", received, StringComparison.Ordinal);
        Assert.Contains($"Content-Length: {length}\r\n", received, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n" + body, received, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LargeRequest_SendsItsHeadAtOnce()
    {
        var body = new string('x', 4097);

        var (writes, received) = await SendAsync(new FlushingContent(body, hasLength: true));

        Assert.EndsWith("\r\n\r\n", writes[0], StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n" + body, received, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RequestOfUnknownLength_SendsItsHeadAtOnce()
    {
        var (writes, received) = await SendAsync(new FlushingContent("x", hasLength: false));

        Assert.EndsWith("\r\n\r\n", writes[0], StringComparison.Ordinal);
        Assert.EndsWith("1\r\nx\r\n0\r\n\r\n", received, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RequestThatAwaitsLeave_SendsItsHeadAlone()
    {
        var (writes, received) = await SendAsync(new FlushingContent("x", hasLength: true), expectContinue: true);

        Assert.Equal(2, writes.Count);
        Assert.EndsWith("\r\n\r\n", writes[0], StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nx", received, StringComparison.Ordinal);
    }

    private static async Task<(List<string> Writes, string Received)> SendAsync(HttpContent content, bool expectContinue = false)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var writes = new List<string>();
        using var client = new Factory(listener.LocalEndpoint, writes).CreateClient(new ForwarderHttpClientContext { ClusterId = "cluster", NewConfig = HttpClientConfig.Empty });
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://server/socket.io/") { Content = content };
        request.Headers.ExpectContinue = expectContinue;

        var sent = client.SendAsync(request, TestContext.Current.CancellationToken);
        using var server = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        var received = await AnswerAsync(server.GetStream());
        using var response = await sent;

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        return (writes, received);
    }

    private static async Task<string> AnswerAsync(NetworkStream stream)
    {
        var received = new StringBuilder();
        var buffer = new byte[8192];
        while (!IsWhole(received.ToString()))
        {
            var count = await stream.ReadAsync(buffer, TestContext.Current.CancellationToken);
            Assert.NotEqual(0, count);
            received.Append(Encoding.ASCII.GetString(buffer, 0, count));
            if (received.ToString() is var head && head.Contains("Expect: 100-continue", StringComparison.Ordinal) && head.EndsWith("\r\n\r\n", StringComparison.Ordinal))
            {
                await stream.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
            }
        }

        await stream.WriteAsync("HTTP/1.1 204 No Content\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        return received.ToString();
    }

    private static bool IsWhole(string request)
    {
        var end = request.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0)
        {
            return false;
        }

        var head = request[..end];
        const string Length = "Content-Length: ";
        var at = head.IndexOf(Length, StringComparison.Ordinal);
        return at < 0
            ? request.EndsWith("0\r\n\r\n", StringComparison.Ordinal)
            : request.Length - end - 4 == int.Parse(head[(at + Length.Length)..].Split('\r')[0], System.Globalization.CultureInfo.InvariantCulture);
    }

    private sealed class Factory(EndPoint server, List<string> writes) : FrugalHttpClientFactory(NullLogger<ForwarderHttpClientFactory>.Instance, null!)
    {
        protected override void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
        {
            base.ConfigureHandler(context, handler);
            handler.ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(server, cancellationToken);
                return new WrittenDown(new NetworkStream(socket, ownsSocket: true), writes);
            };
        }
    }

    /// <summary>Sends its head first, as YARP's content does.</summary>
    private sealed class FlushingContent : HttpContent
    {
        private readonly byte[] _body;

        public FlushingContent(string body, bool hasLength)
        {
            _body = Encoding.ASCII.GetBytes(body);
            Headers.TryAddWithoutValidation("Content-Type", "text/plain;charset=UTF-8");
            if (hasLength)
            {
                Headers.ContentLength = _body.Length;
            }
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.FlushAsync(TestContext.Current.CancellationToken);
            await stream.WriteAsync(_body, TestContext.Current.CancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    private sealed class WrittenDown(Stream inner, List<string> writes) : OneWayStream
    {
        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            writes.Add(Encoding.ASCII.GetString(buffer.Span));
            return inner.WriteAsync(buffer, cancellationToken);
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer, cancellationToken);

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
