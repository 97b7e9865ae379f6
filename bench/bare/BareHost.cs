using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace StickyAspire.Bench.Bare;

/// <summary>Kestrel with the settings that StickyAspire's programs run with.</summary>
internal static class BareHost
{
    public static WebApplicationBuilder CreateBuilder(string port)
    {
        Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        builder.WebHost.UseKestrelCore();
        builder.Services.Configure<SocketTransportOptions>(options => options.UnsafePreferInlineScheduling = true);
        return builder;
    }
}
