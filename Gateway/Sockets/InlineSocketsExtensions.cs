using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace StickyAspire.Gateway.Sockets;

/// <summary>How the gateway's sockets run their callbacks.</summary>
internal static class InlineSocketsExtensions
{
    private const string InlineCompletions = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>
    /// Lets the thread that hears of a socket's bytes pass them on itself, instead of waking another for it: a gateway only copies, and blocks nowhere.
    /// Off with <c>Gateway:InlineSockets=false</c>, for gateways with code of their own that may block. Call it before anything uses a socket.
    /// </summary>
    public static WebApplicationBuilder UseInlineSockets(this WebApplicationBuilder builder)
    {
        if (builder.Configuration.GetValue("Gateway:InlineSockets", true))
        {
            // Read once, when the first socket is made; .NET has no other switch for it.
            if (Environment.GetEnvironmentVariable(InlineCompletions) is null)
            {
                Environment.SetEnvironmentVariable(InlineCompletions, "1");
            }

            builder.Services.Configure<SocketTransportOptions>(options => options.UnsafePreferInlineScheduling = true);
        }

        return builder;
    }
}
