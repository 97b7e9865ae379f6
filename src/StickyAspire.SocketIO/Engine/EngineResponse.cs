using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace StickyAspire.SocketIO.Engine;

/// <summary>The HTTP answers of Engine.IO.</summary>
internal static class EngineResponse
{
    private static readonly byte[] Ok = "ok"u8.ToArray();

    public static async Task WriteErrorAsync(HttpContext context, EngineError error)
    {
        var response = context.Response;
        response.StatusCode = error.StatusCode;
        response.ContentType = "application/json";
        var body = new ArrayBufferWriter<byte>(64);
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteNumber("code", error.Code);
            json.WriteString("message", error.Message);
            json.WriteEndObject();
        }

        response.ContentLength = body.WrittenCount;
        await response.Body.WriteAsync(body.WrittenMemory);
    }

    /// <summary>Refuses a WebSocket: Node writes a bare 400 with the message as text, whatever the error is.</summary>
    public static async Task WriteUpgradeErrorAsync(HttpContext context, EngineError error)
    {
        var response = context.Response;
        response.StatusCode = StatusCodes.Status400BadRequest;
        response.ContentType = "text/html";
        var body = Encoding.UTF8.GetBytes(error.Message);
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body);
    }

    public static async Task WriteOkAsync(HttpContext context)
    {
        var response = context.Response;

        // text/html, not text/plain: some old browsers offer the latter for download.
        response.ContentType = "text/html";
        response.Headers.CacheControl = "no-store";
        response.ContentLength = Ok.Length;
        await response.Body.WriteAsync(Ok);
    }

    public static async ValueTask WritePayloadAsync(HttpContext context, EngineSession session, List<EnginePacket> packets, bool base64Only)
    {
        var response = context.Response;
        response.Headers.CacheControl = "no-store";
        response.ContentType = "text/plain; charset=UTF-8";
        var options = session.Server.Options;

        if (session.Protocol == 4)
        {
            var length = PayloadV4.GetLength(packets);
            if (!ShouldCompress(context, options, length, packets))
            {
                response.ContentLength = length;
                PayloadV4.Write(packets, response.BodyWriter);
                await response.BodyWriter.FlushAsync();
                return;
            }
        }

        var payload = new ArrayBufferWriter<byte>();
        if (session.Protocol == 4)
        {
            PayloadV4.Write(packets, payload);
        }
        else if (PayloadV3.Write(packets, base64Only, payload))
        {
            response.ContentType = "application/octet-stream";
        }

        if (ShouldCompress(context, options, payload.WrittenCount, packets))
        {
            await WriteCompressedAsync(context, payload.WrittenMemory);
            return;
        }

        response.ContentLength = payload.WrittenCount;
        await response.Body.WriteAsync(payload.WrittenMemory);
    }

    private static bool ShouldCompress(HttpContext context, EngineOptions options, long length, List<EnginePacket> packets) =>
        options.HttpCompression && length >= options.HttpCompressionThreshold && GetEncoding(context) is not null && packets.Exists(packet => packet.Compress);

    private static string? GetEncoding(HttpContext context) => ContentCodings.Choose(context.Request, "gzip", "deflate");

    private static async Task WriteCompressedAsync(HttpContext context, ReadOnlyMemory<byte> payload)
    {
        var response = context.Response;
        var encoding = GetEncoding(context)!;
        using var compressed = new MemoryStream(payload.Length / 2);

        using (var stream = ContentCodings.Compress(compressed, encoding))
        {
            stream.Write(payload.Span);
        }

        response.Headers.ContentEncoding = encoding;
        response.Headers.Append("Vary", "Accept-Encoding");
        response.ContentLength = compressed.Length;
        await response.Body.WriteAsync(compressed.GetBuffer().AsMemory(0, (int)compressed.Length));
    }
}
