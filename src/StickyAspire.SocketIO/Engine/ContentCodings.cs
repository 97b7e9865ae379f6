using System.IO.Compression;
using Microsoft.AspNetCore.Http;

namespace StickyAspire.SocketIO.Engine;

/// <summary>HTTP's content codings (RFC 9110 section 12.5.3): which one a client wants, and the stream that makes it.</summary>
internal static class ContentCodings
{
    /// <summary>The client's favourite among those offered: by its own weights, then by its own order. Null for none.</summary>
    public static string? Choose(HttpRequest request, params ReadOnlySpan<string> offered)
    {
        string? best = null;
        var bestQuality = 0.0;
        foreach (var accepted in request.GetTypedHeaders().AcceptEncoding)
        {
            var quality = accepted.Quality ?? 1;
            if (quality <= bestQuality)
            {
                continue;
            }

            foreach (var coding in offered)
            {
                if (accepted.Value.Equals(coding, StringComparison.OrdinalIgnoreCase) || accepted.Value == "*")
                {
                    (best, bestQuality) = (coding, quality);
                    break;
                }
            }
        }

        return best;
    }

    /// <summary>A stream that compresses into another, which stays open.</summary>
    public static Stream Compress(Stream output, string coding) => coding switch
    {
        "br" => new BrotliStream(output, CompressionLevel.Fastest, leaveOpen: true),
        "gzip" => new GZipStream(output, CompressionLevel.Fastest, leaveOpen: true),

        // "deflate" in HTTP is the zlib format (RFC 9110 section 8.4.1.2).
        _ => new ZLibStream(output, CompressionLevel.Fastest, leaveOpen: true),
    };
}
