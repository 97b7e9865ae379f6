using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.SignalR;
using StackExchange.Redis;
using StickyAspire.RealtimeService.AdminUI;
using StickyAspire.Replica;
using StickyAspire.SocketIO;
using StickyAspire.SocketIO.Redis;

namespace StickyAspire.RealtimeService.Backplane;

/// <summary>Socket.IO and SignalR, on one Redis.</summary>
internal static class RealtimeBuilderExtensions
{
    private const string ConnectionName = "backplane";
    private const string SignalRPrefix = "stickyaspire";

    public static void AddRealtime(this IHostApplicationBuilder builder)
    {
        var socketIO = builder.Services.AddSocketIO(options => options.JsonSerializerOptions.TypeInfoResolver = RealtimeJsonContext.Default);
        socketIO.AddConfiguredAdminUI(builder.Configuration);
        builder.Services.AddOptions<SocketIOOptions>().Configure<ReplicaIdentity>((options, identity) =>
        {
            options.Engine.GenerateId = _ => ValueTask.FromResult(identity.CreateSessionId());
            options.ConnectionStateRecovery = new ConnectionStateRecoveryOptions();
        });

        builder.Services.AddSingleton<ILoadSource, SocketIOLoad>();
        var signalR = builder.Services.AddSignalR().AddJsonProtocol(options => options.PayloadSerializerOptions.TypeInfoResolverChain.Insert(0, RealtimeJsonContext.Default));
        AdaptToRuntime(signalR);
        builder.Services.AddSingleton<RedisBackplane>();

        if (builder.Configuration.GetConnectionString(ConnectionName) is { Length: > 0 } connectionString)
        {
            socketIO.AddStackExchangeRedis(connectionString);
            builder.Services.AddSingleton<AdapterProbe>();
            builder.Services.AddOptions<RedisAdapterOptions>().Configure<AdapterProbe>((options, probe) => options.Mode = probe.GetMode(connectionString));
            signalR.AddStackExchangeRedis();
            builder.Services.AddOptions<Microsoft.AspNetCore.SignalR.StackExchangeRedis.RedisOptions>().Configure<RedisBackplane>((options, backplane) =>
            {
                options.Configuration.ChannelPrefix = RedisChannel.Literal(SignalRPrefix);
                options.ConnectionFactory = async _ => await backplane.GetAsync();
            });
            builder.Services.AddHealthChecks().AddCheck<RedisBackplaneHealthCheck>("backplane");
        }
    }

    /// <summary>What depends on whether this is a native program: MessagePack for SignalR is not in it, since it writes code at run time.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Native programs, which alone are trimmed, leave it out.")]
    private static void AdaptToRuntime(ISignalRServerBuilder signalR)
    {
        if (RuntimeFeature.IsDynamicCodeSupported)
        {
            signalR.AddMessagePackProtocol();
        }
        else
        {
            signalR.Services.Configure<HubOptions>(options => options.AddFilter(new HubExceptionFilter()));
        }
    }
}
