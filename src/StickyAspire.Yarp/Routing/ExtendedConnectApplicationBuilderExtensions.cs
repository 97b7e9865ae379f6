using Microsoft.AspNetCore.Http.Features;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Lets routes recognise WebSockets over HTTP/2.</summary>
public static class ExtendedConnectApplicationBuilderExtensions
{
    private const string WebSocket = "websocket";

    /// <summary>
    /// Over HTTP/2 a WebSocket is an extended CONNECT (RFC 8441) and has no <c>Upgrade</c> header. This gives it one, for routes to match as they do over
    /// HTTP/1.1; it is never forwarded. Call it before <c>UseRouting</c>.
    /// </summary>
    public static IApplicationBuilder UseUpgradeHeaderForExtendedConnect(this IApplicationBuilder app) =>
        app.Use((context, next) =>
        {
            if (context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true, Protocol: WebSocket })
            {
                context.Request.Headers.Upgrade = WebSocket;
            }

            return next(context);
        });
}
