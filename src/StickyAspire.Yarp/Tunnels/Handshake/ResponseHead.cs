using System.Globalization;
using System.Net;
using System.Text;

namespace StickyAspire.Yarp.Tunnels.Handshake;

/// <summary>Reads the head of a server's answer (RFC 9112).</summary>
internal static class ResponseHead
{
    /// <summary>As much as HttpClient accepts by default.</summary>
    public const int MaxSize = 64 * 1024;

    private const byte LineFeed = (byte)'\n';
    private const byte CarriageReturn = (byte)'\r';
    private const int VersionLength = 8;
    private const int StatusEnd = 12;

    /// <summary>The length of the head, with the empty line at its end; or -1 where it is not all there yet.</summary>
    public static int FindEnd(ReadOnlySpan<byte> data)
    {
        var end = data.IndexOf("\r\n\r\n"u8);
        return end < 0 ? -1 : end + 4;
    }

    /// <summary>The status and headers.</summary>
    /// <exception cref="HttpRequestException">That is no answer in HTTP/1.x.</exception>
    public static HttpResponseMessage Parse(ReadOnlySpan<byte> head, HttpContent content)
    {
        var response = new HttpResponseMessage { Content = content };
        try
        {
            ParseStatus(response, TakeLine(ref head));
            for (var line = TakeLine(ref head); !line.IsEmpty; line = TakeLine(ref head))
            {
                ParseHeader(response, line);
            }

            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    private static ReadOnlySpan<byte> TakeLine(ref ReadOnlySpan<byte> head)
    {
        var end = head.IndexOf(LineFeed);
        if (end < 0)
        {
            return [];
        }

        var line = head[..end];
        head = head[(end + 1)..];
        return line is [.., CarriageReturn] ? line[..^1] : line;
    }

    private static void ParseStatus(HttpResponseMessage response, ReadOnlySpan<byte> line)
    {
        if (line.Length < StatusEnd
            || !line.StartsWith("HTTP/1."u8)
            || line[VersionLength] != (byte)' '
            || !int.TryParse(line[(VersionLength + 1)..StatusEnd], NumberStyles.None, CultureInfo.InvariantCulture, out var status)
            || status < 100
            || (line.Length > StatusEnd && line[StatusEnd] != (byte)' '))
        {
            throw new HttpRequestException(HttpRequestError.InvalidResponse, "The server's status line is not one of HTTP/1.1.");
        }

        response.StatusCode = (HttpStatusCode)status;
        response.Version = line[VersionLength - 1] == (byte)'0' ? HttpVersion.Version10 : HttpVersion.Version11;
        response.ReasonPhrase = line.Length > StatusEnd ? Encoding.Latin1.GetString(line[(StatusEnd + 1)..]) : "";
    }

    private static void ParseHeader(HttpResponseMessage response, ReadOnlySpan<byte> line)
    {
        var colon = line.IndexOf((byte)':');
        if (colon > 0)
        {
            var name = Encoding.Latin1.GetString(line[..colon]);
            var value = Encoding.Latin1.GetString(line[(colon + 1)..]).Trim(' ', '\t');
            if (response.Headers.TryAddWithoutValidation(name, value) || response.Content.Headers.TryAddWithoutValidation(name, value))
            {
                return;
            }
        }

        // A folded line, a space before the colon, no name: what servers should not send and proxies must not guess about.
        throw new HttpRequestException(HttpRequestError.InvalidResponse, "The server's answer has a line that is no header.");
    }
}
