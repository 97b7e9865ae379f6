using System.Buffers.Text;

namespace StickyAspire.Bench.Net;

/// <summary>One keep-alive HTTP/1.1 connection: a request, its answer, the next request.</summary>
internal sealed class HttpConnection(EventLoop loop, int port) : Connection(loop, port)
{
    public delegate void AnswerHandler(int status, ReadOnlySpan<byte> headers, ReadOnlySpan<byte> body);

    /// <summary>Called with each answer.</summary>
    public AnswerHandler? Answered { get; set; }

    /// <summary>How many answers have come.</summary>
    public int Answers { get; private set; }

    /// <summary>The value of a header, or nothing.</summary>
    public static ReadOnlySpan<byte> FindHeader(ReadOnlySpan<byte> headers, ReadOnlySpan<byte> name)
    {
        while (true)
        {
            var end = headers.IndexOf("\r\n"u8);
            if (end < 0)
            {
                return default;
            }

            headers = headers[(end + 2)..];
            if (headers.Length > name.Length && headers[name.Length] == ':' && System.Text.Ascii.EqualsIgnoreCase(headers[..name.Length], name))
            {
                var value = headers[(name.Length + 1)..];
                var length = value.IndexOf("\r\n"u8);
                return (length < 0 ? value : value[..length]).Trim((byte)' ');
            }
        }
    }

    private static int ParseNumber(ReadOnlySpan<byte> text) => Utf8Parser.TryParse(text, out int number, out _) ? number : 0;

    protected override int OnData(ReadOnlySpan<byte> data)
    {
        var used = 0;
        while (!IsClosed && TryReadAnswer(data[used..], out var length))
        {
            used += length;
        }

        return used;
    }

    private bool TryReadAnswer(ReadOnlySpan<byte> data, out int length)
    {
        length = 0;
        var end = data.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return false;
        }

        var headers = data[..(end + 2)];
        var rest = data[(end + 4)..];
        var status = ParseNumber(headers[9..]);
        if (FindHeader(headers, "Transfer-Encoding"u8).SequenceEqual("chunked"u8))
        {
            return TryReadChunks(status, headers, rest, end + 4, out length);
        }

        var bodyLength = ParseNumber(FindHeader(headers, "Content-Length"u8));
        if (rest.Length < bodyLength)
        {
            return false;
        }

        length = end + 4 + bodyLength;
        Answers++;
        Answered?.Invoke(status, headers, rest[..bodyLength]);
        return true;
    }

    private bool TryReadChunks(int status, ReadOnlySpan<byte> headers, ReadOnlySpan<byte> rest, int start, out int length)
    {
        length = 0;
        var body = new List<byte>();
        var position = 0;
        while (true)
        {
            var line = rest[position..].IndexOf("\r\n"u8);
            if (line < 0 || !Utf8Parser.TryParse(rest[position..], out int size, out _, 'x') || rest.Length < position + line + 2 + size + 2)
            {
                return false;
            }

            body.AddRange(rest.Slice(position + line + 2, size));
            position += line + 2 + size + 2;
            if (size == 0)
            {
                length = start + position;
                Answers++;
                Answered?.Invoke(status, headers, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(body));
                return true;
            }
        }
    }
}
