using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using StickyAspire.SocketIO.Engine;

namespace StickyAspire.SocketIO;

/// <summary>Serves the browser's client, as Node's <c>serveClient</c> does: the files of npm's <c>socket.io-client/dist</c>.</summary>
internal sealed class ClientFiles(string directory)
{
    private static readonly HashSet<string> Names = new(StringComparer.Ordinal)
    {
        "socket.io.js", "socket.io.min.js", "socket.io.esm.min.js", "socket.io.msgpack.min.js",
        "socket.io.js.map", "socket.io.min.js.map", "socket.io.esm.min.js.map", "socket.io.msgpack.min.js.map",
    };

    /// <summary>Answers a request for one of the files; null if it asks for something else.</summary>
    public Task? TryServe(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        var name = path[(path.LastIndexOf('/') + 1)..];
        if (!HttpMethods.IsGet(context.Request.Method) || !Names.Contains(name))
        {
            return null;
        }

        var file = new FileInfo(Path.Combine(directory, name));
        if (!file.Exists)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        context.Response.Headers.CacheControl = "public, max-age=0";
        var tag = new EntityTagHeaderValue(string.Create(CultureInfo.InvariantCulture, $"\"{file.Length:x}-{file.LastWriteTimeUtc.Ticks:x}\""));
        var type = name.EndsWith(".map", StringComparison.Ordinal) ? "application/json; charset=utf-8" : "application/javascript; charset=utf-8";
        context.Response.Headers.Vary = "Accept-Encoding";
        return ContentCodings.Choose(context.Request, "br", "gzip", "deflate") is { } coding && !IsUnchanged(context.Request, tag)
            ? SendCompressedAsync(context, file.FullName, type, tag, coding)
            : TypedResults.PhysicalFile(file.FullName, type, entityTag: tag).ExecuteAsync(context);
    }

    private static bool IsUnchanged(HttpRequest request, EntityTagHeaderValue tag) =>
        request.GetTypedHeaders().IfNoneMatch.Any(known => known.Compare(tag, useStrongComparison: false));

    private static async Task SendCompressedAsync(HttpContext context, string path, string type, EntityTagHeaderValue tag, string coding)
    {
        var response = context.Response;
        response.ContentType = type;
        response.Headers.ETag = tag.ToString();
        response.Headers.ContentEncoding = coding;
        await using var file = File.OpenRead(path);
        await using var compressed = ContentCodings.Compress(response.Body, coding);
        await file.CopyToAsync(compressed, context.RequestAborted);
    }
}
