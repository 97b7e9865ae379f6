using System.Net;
using System.Net.Sockets;
using System.Text;

namespace StickyAspire.Yarp.Tunnels.Handshake;

/// <summary>The gateway's own connection to a server, while the handshake lasts.</summary>
internal sealed class Upstream : IDisposable
{
    private const int MinRead = 1024;

    private readonly HeadBuffer _buffer = new();
    private bool _released;

    /// <param name="connection">It belongs to the handshake, until it is released.</param>
    public Upstream(ServerConnection connection) => Connection = connection;

    public ServerConnection Connection { get; }

    /// <summary>What the server has sent behind its head.</summary>
    public ReadOnlyMemory<byte> Unread => _buffer.Unread;

    /// <exception cref="HttpRequestException">The connection broke, or a header cannot be sent.</exception>
    public async Task SendAsync(HttpRequestMessage request, Encoding? encoding, CancellationToken cancellationToken)
    {
        RequestHead.Write(request, encoding, _buffer);
        while (_buffer.UnreadLength > 0)
        {
            // Nearly always all of it fits at once, and then the socket makes no arguments of its own, which it would keep.
            var sent = Connection.Send(_buffer.Unread.Span, out var error);
            _buffer.Consume(error == SocketError.WouldBlock
                ? await WithHttpErrors(Connection.SendAsync(_buffer.Unread, cancellationToken))
                : error == SocketError.Success ? sent : throw ToHttpError(new SocketException((int)error)));
        }
    }

    /// <summary>The server's answer; interim ones (100, 103) are passed over. A body is read through the message's content.</summary>
    /// <exception cref="HttpRequestException">The connection broke, or that is no answer.</exception>
    public async Task<HttpResponseMessage> ReceiveAsync(CancellationToken cancellationToken)
    {
        var content = new AnswerContent(this);
        while (true)
        {
            var end = ResponseHead.FindEnd(_buffer.Unread.Span);
            if (end < 0)
            {
                await FillAsync(ResponseHead.MaxSize, cancellationToken);
                continue;
            }

            var response = ResponseHead.Parse(_buffer.Unread.Span[..end], content);
            _buffer.Consume(end);
            if (response.StatusCode is HttpStatusCode.SwitchingProtocols or >= HttpStatusCode.OK)
            {
                content.SetFraming(response);
                return response;
            }

            content = new AnswerContent(this);
        }
    }

    /// <summary>Reads more behind what is there.</summary>
    public async ValueTask FillAsync(int limit, CancellationToken cancellationToken)
    {
        if (_buffer.UnreadLength >= limit)
        {
            throw new HttpRequestException(HttpRequestError.ConfigurationLimitExceeded, $"The server's answer has a head of more than {limit} bytes.");
        }

        var received = await WithHttpErrors(Connection.ReceiveAsync(_buffer.GetMemory(MinRead), cancellationToken));
        if (received == 0)
        {
            throw new HttpRequestException(HttpRequestError.ResponseEnded, "The server closed the connection before it had answered.");
        }

        _buffer.Advance(received);
    }

    /// <summary>Takes from what is there, else from the socket; 0 at the end.</summary>
    public async ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (_buffer.UnreadLength == 0)
        {
            return await WithHttpErrors(Connection.ReceiveAsync(destination, cancellationToken));
        }

        var count = Math.Min(destination.Length, _buffer.UnreadLength);
        _buffer.Unread[..count].CopyTo(destination);
        _buffer.Consume(count);
        return count;
    }

    public void Consume(int count) => _buffer.Consume(count);

    /// <summary>The connection is somebody else's from now on.</summary>
    public void Release()
    {
        _released = true;
        _buffer.Dispose();
    }

    public void Dispose()
    {
        _buffer.Dispose();
        if (!_released)
        {
            Connection.Dispose();
        }
    }

    private static async ValueTask<int> WithHttpErrors(ValueTask<int> operation)
    {
        try
        {
            return await operation;
        }
        catch (SocketException exception)
        {
            throw ToHttpError(exception);
        }
    }

    /// <summary>A trunk that breaks is a server that cannot be reached: the client has heard nothing, so the request may be tried elsewhere.</summary>
    private static HttpRequestException ToHttpError(SocketException exception) =>
        new(exception.SocketErrorCode == SocketError.NetworkReset ? HttpRequestError.ConnectionError : HttpRequestError.Unknown, exception.Message, exception);
}
