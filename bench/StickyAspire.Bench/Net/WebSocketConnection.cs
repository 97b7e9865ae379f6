using System.Buffers.Binary;
using System.Text;

namespace StickyAspire.Bench.Net;

/// <summary>A WebSocket: the handshake, and the server's frames, whole messages only.</summary>
internal sealed class WebSocketConnection : Connection
{
    public delegate void MessageHandler(ReadOnlySpan<byte> message);

    private bool _isOpen;

    public WebSocketConnection(EventLoop loop, int port, string path, string? cookie)
        : base(loop, port) =>
        Send(Encoding.ASCII.GetBytes(
            $"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
            $"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nUser-Agent: StickyAspire.Bench\r\n{(cookie is null ? "" : $"Cookie: {cookie}\r\n")}\r\n"));

    /// <summary>Called with the headers of the answer, 101 or not.</summary>
    public HttpConnection.AnswerHandler? Answered { get; init; }

    /// <summary>Called with each message.</summary>
    public required MessageHandler Received { get; init; }

    protected override int OnData(ReadOnlySpan<byte> data)
    {
        var used = 0;
        if (!_isOpen)
        {
            var end = data.IndexOf("\r\n\r\n"u8);
            if (end < 0)
            {
                return 0;
            }

            var headers = data[..(end + 2)];
            var status = int.Parse(headers.Slice(9, 3), System.Globalization.CultureInfo.InvariantCulture);
            Answered?.Invoke(status, headers, default);
            if (status != 101)
            {
                Close();
                Closed?.Invoke();
                return data.Length;
            }

            _isOpen = true;
            used = end + 4;
        }

        while (!IsClosed && TryReadFrame(data[used..], out var length))
        {
            used += length;
        }

        return used;
    }

    private bool TryReadFrame(ReadOnlySpan<byte> data, out int length)
    {
        length = 0;
        if (data.Length < 2)
        {
            return false;
        }

        var header = data[1] switch { 127 => 10, 126 => 4, _ => 2 };
        if (data.Length < header)
        {
            return false;
        }

        var size = header switch
        {
            10 => checked((int)BinaryPrimitives.ReadUInt64BigEndian(data[2..])),
            4 => BinaryPrimitives.ReadUInt16BigEndian(data[2..]),
            _ => data[1],
        };
        if (data.Length < header + size)
        {
            return false;
        }

        length = header + size;
        var payload = data.Slice(header, size);
        switch (data[0])
        {
            case 0x81:
                Received(payload);
                break;
            case 0x88:
                Close();
                Closed?.Invoke();
                break;
            case 0x89:
                Send(WebSocketFrame.Pong(payload));
                break;
            default:
                throw new InvalidDataException($"A frame that no server here should send: 0x{data[0]:x2}.");
        }

        return true;
    }
}
