using System.Net;

namespace StickyAspire.Yarp.Tunnels.Handshake;

/// <summary>The content of a server's answer: read from its connection where it is an ordinary one, empty where it is 101.</summary>
internal sealed class AnswerContent(Upstream upstream) : HttpContent
{
    private Stream _body = Stream.Null;

    /// <summary>Finds where the body ends (RFC 9112, 6.3), when the headers are there.</summary>
    /// <exception cref="HttpRequestException">The headers contradict each other, or use a coding that nobody asked for.</exception>
    public void SetFraming(HttpResponseMessage response)
    {
        if (response.StatusCode is HttpStatusCode.SwitchingProtocols or HttpStatusCode.NoContent or HttpStatusCode.NotModified)
        {
            return;
        }

        var coding = response.Headers.NonValidated.TryGetValues("Transfer-Encoding", out var codings) ? codings.ToString() : null;
        if (coding is not null)
        {
            _body = coding.Trim().Equals("chunked", StringComparison.OrdinalIgnoreCase)
                ? new ChunkedAnswerStream(upstream)
                : throw new HttpRequestException(HttpRequestError.InvalidResponse, $"The server's answer has the transfer encoding \"{coding}\".");
        }
        else
        {
            _body = new PlainAnswerStream(upstream, GetLength());
        }
    }

    protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult(_body);

    protected override Stream CreateContentReadStream(CancellationToken cancellationToken) => _body;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => _body.CopyToAsync(stream);

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    /// <summary>Null where the body ends with the connection.</summary>
    private long? GetLength()
    {
        // Not Headers.ContentLength, which would ask TryComputeLength.
        if (!Headers.NonValidated.TryGetValues("Content-Length", out var values))
        {
            return null;
        }

        return long.TryParse(values.ToString(), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var length)
            ? length
            : throw new HttpRequestException(HttpRequestError.InvalidResponse, $"The server's answer has the length \"{values}\".");
    }
}
