using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Extensions.Hosting;

/// <summary>How sockets run what waits for them.</summary>
public static class InlineSocketsExtensions
{
    private const string InlineCompletions = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>
    /// Lets the thread that hears of a socket's bytes handle them itself, instead of waking another for it: with many small messages the waking is most of
    /// the cost. Only for applications that never block in a handler, as the thread serves other sockets too. Call it before anything uses a socket.
    /// </summary>
    /// <param name="builder">The application.</param>
    /// <param name="switchName">The configuration key that turns it off, with <c>false</c>. On by default.</param>
    public static WebApplicationBuilder PreferInlineSockets(this WebApplicationBuilder builder, string switchName)
    {
        if (builder.Configuration.GetValue(switchName, true))
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
