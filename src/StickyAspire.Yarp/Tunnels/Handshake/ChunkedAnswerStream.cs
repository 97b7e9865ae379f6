using System.Globalization;

namespace StickyAspire.Yarp.Tunnels.Handshake;

/// <summary>A body in chunks (RFC 9112, 7.1). Chunk extensions and trailers are passed over.</summary>
internal sealed class ChunkedAnswerStream(Upstream upstream) : AnswerStream
{
    private const int MaxLine = 8 * 1024;

    private long _rest;
    private bool _begun;
    private bool _ended;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
        {
            return 0;
        }

        if (_rest == 0 && !_ended)
        {
            await NextChunkAsync(cancellationToken);
        }

        if (_ended)
        {
            return 0;
        }

        var count = await upstream.ReadAsync(buffer[..(int)Math.Min(buffer.Length, _rest)], cancellationToken);
        if (count == 0)
        {
            throw new HttpRequestException(HttpRequestError.ResponseEnded, "The server closed the connection within its answer.");
        }

        _rest -= count;
        return count;
    }

    private async ValueTask NextChunkAsync(CancellationToken cancellationToken)
    {
        if (_begun && (await ReadLineAsync(cancellationToken)).Length > 0)
        {
            throw Invalid();
        }

        _begun = true;
        var line = await ReadLineAsync(cancellationToken);
        var size = line.AsSpan();
        size = size.IndexOf(';') is var extension and >= 0 ? size[..extension].TrimEnd() : size;
        if (!long.TryParse(size, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _rest) || _rest < 0)
        {
            throw Invalid();
        }

        _ended = _rest == 0;
        while (_ended && (await ReadLineAsync(cancellationToken)).Length > 0)
        {
        }
    }

    private async ValueTask<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        int end;
        while ((end = upstream.Unread.Span.IndexOf("\r\n"u8)) < 0)
        {
            await upstream.FillAsync(MaxLine, cancellationToken);
        }

        var line = System.Text.Encoding.Latin1.GetString(upstream.Unread.Span[..end]);
        upstream.Consume(end + 2);
        return line;
    }

    private static HttpRequestException Invalid() => new(HttpRequestError.InvalidResponse, "The server's answer has a chunk that is none.");
}
