using System.Buffers;
using System.Net.Http.Headers;
using System.Text;

namespace StickyAspire.Yarp.Tunnels.Handshake;

/// <summary>Writes the head of an upgrade request (RFC 9112) from the message that YARP's transforms have made.</summary>
internal static class RequestHead
{
    private const string Host = "Host";

    private static readonly SearchValues<char> Forbidden = SearchValues.Create("\r\n\0");

    /// <param name="request">The message, with an absolute http URI.</param>
    /// <param name="encoding">YARP's <c>RequestHeaderEncoding</c>; null allows ASCII alone, as in HttpClient.</param>
    /// <param name="output">Where to.</param>
    /// <exception cref="HttpRequestException">A header cannot be sent: it has a line break or characters beyond the encoding.</exception>
    public static void Write(HttpRequestMessage request, Encoding? encoding, IBufferWriter<byte> output)
    {
        var uri = request.RequestUri!;
        WriteAscii(output, "GET ");
        WriteAscii(output, uri.PathAndQuery);
        WriteAscii(output, " HTTP/1.1\r\n");
        WriteHeader(output, Host, request.Headers.Host ?? (uri.IsDefaultPort ? uri.IdnHost : $"{uri.IdnHost}:{uri.Port}"), encoding);
        WriteHeaders(output, request.Headers, encoding);
        if (request.Content is { } content)
        {
            WriteHeaders(output, content.Headers, encoding);
        }

        WriteAscii(output, "\r\n");
    }

    private static void WriteHeaders(IBufferWriter<byte> output, HttpHeaders headers, Encoding? encoding)
    {
        foreach (var (name, values) in headers.NonValidated)
        {
            if (!name.Equals(Host, StringComparison.OrdinalIgnoreCase))
            {
                // Several values are joined as HttpClient does it: cookies by a semicolon, others by a comma.
                WriteHeader(output, name, values.ToString(), encoding);
            }
        }
    }

    private static void WriteHeader(IBufferWriter<byte> output, string name, string value, Encoding? encoding)
    {
        if (value.AsSpan().ContainsAny(Forbidden) || (encoding is null && !Ascii.IsValid(value)))
        {
            throw new HttpRequestException($"The header {name} has characters that cannot be sent.");
        }

        WriteAscii(output, name);
        WriteAscii(output, ": ");
        (encoding ?? Encoding.ASCII).GetBytes(value, output);
        WriteAscii(output, "\r\n");
    }

    private static void WriteAscii(IBufferWriter<byte> output, ReadOnlySpan<char> text) => Encoding.ASCII.GetBytes(text, output);
}
