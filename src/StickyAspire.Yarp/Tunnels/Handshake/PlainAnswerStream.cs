namespace StickyAspire.Yarp.Tunnels.Handshake;

/// <summary>A body of known length, or up to the connection's end.</summary>
internal sealed class PlainAnswerStream(Upstream upstream, long? length) : AnswerStream
{
    private long? _rest = length;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_rest is { } rest && rest < buffer.Length)
        {
            buffer = buffer[..(int)rest];
        }

        if (buffer.IsEmpty)
        {
            return 0;
        }

        var count = await upstream.ReadAsync(buffer, cancellationToken);
        if (count == 0 && _rest is not null)
        {
            throw new HttpRequestException(HttpRequestError.ResponseEnded, "The server closed the connection within its answer.");
        }

        _rest -= count;
        return count;
    }
}
