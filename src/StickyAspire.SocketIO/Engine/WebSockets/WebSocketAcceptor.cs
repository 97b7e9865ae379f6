using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Timeouts;
using StickyAspire.Connections;

namespace StickyAspire.SocketIO.Engine;

/// <summary>Answers a WebSocket handshake that the WebSocket middleware has checked.</summary>
internal static class WebSocketAcceptor
{
    private const int KeyLength = 24;

    public static async Task<WebSocketLink> AcceptAsync(HttpContext context, EngineOptions options)
    {
        if (!options.PerMessageDeflate && await OpenStreamAsync(context) is { } stream)
        {
            return DetachableConnection.TryDetach(context, stream) is { } connection
                ? new ConnectionLink(connection, options.MaxHttpBufferSize)
                : new StreamLink(context, stream, options.MaxHttpBufferSize);
        }

        var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            DangerousEnableCompression = options.PerMessageDeflate,

            // Engine.IO has a heartbeat of its own.
            KeepAliveInterval = TimeSpan.Zero,
        });
        return new ManagedLink(socket, options.MaxHttpBufferSize, options.PerMessageDeflateThreshold);
    }

    /// <summary>The upgraded connection itself; null where the server does not hand it out.</summary>
    private static async Task<Stream?> OpenStreamAsync(HttpContext context)
    {
        // A WebSocket may stay longer than any request's time.
        context.Features.Get<IHttpRequestTimeoutFeature>()?.DisableTimeout();
        if (context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect)
        {
            return await connect.AcceptAsync();
        }

        if (context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true } upgrade)
        {
            return null;
        }

        var headers = context.Response.Headers;
        headers.Connection = "Upgrade";
        headers.Upgrade = "websocket";
        headers.SecWebSocketAccept = CreateAccept(context.Request.Headers.SecWebSocketKey.ToString());
        return await upgrade.UpgradeAsync();
    }

    /// <summary>The proof that the key has been read (RFC 6455, section 4.2.2).</summary>
#pragma warning disable CA5350 // SHA-1 is what the protocol has; nothing is kept secret by it.
    private static string CreateAccept(string key)
    {
        var guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"u8;
        Span<byte> text = stackalloc byte[KeyLength + guid.Length];
        var length = Encoding.ASCII.GetBytes(key.AsSpan().Trim(), text);
        guid.CopyTo(text[length..]);
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
        SHA1.HashData(text[..(length + guid.Length)], hash);
        return Convert.ToBase64String(hash);
    }
#pragma warning restore CA5350
}
