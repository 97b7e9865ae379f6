using StickyAspire.Replica;
using StickyAspire.SocketIO;

namespace StickyAspire.RealtimeService.AdminUI;

/// <summary>Socket.IO's admin page by configuration: off, unless <c>Realtime:AdminUI:Username</c> and <c>Password</c> are set.</summary>
internal static class ConfiguredAdminUIExtensions
{
    private const string Section = "Realtime:AdminUI";
    private const string DefaultPath = "/socket.io-admin";

    /// <summary>Where the build puts the page's files, which it has from npm.</summary>
    private static string Files => Path.Combine(AppContext.BaseDirectory, "admin-ui");

    /// <summary>Lets the page look at this replica. <c>ReadOnly</c> (default false) keeps it from acting; <c>Details</c> (default false) shows each socket, room and event.</summary>
    public static void AddConfiguredAdminUI(this ISocketIOBuilder socketIO, IConfiguration configuration)
    {
        var section = configuration.GetSection(Section);
        if (section["Username"] is not { Length: > 0 } username)
        {
            return;
        }

        socketIO.AddAdminUI(options =>
        {
            options.Username = username;
            options.Password = section["Password"];
            options.IsReadOnly = section.GetValue<bool>("ReadOnly");
            options.ShowsDetails = section.GetValue<bool>("Details");
        });
        socketIO.Services.AddOptions<AdminUIOptions>().Configure<ReplicaIdentity>((options, identity) => options.ServerId = identity.ServerId);
    }

    /// <summary>Serves the page at <c>Path</c> (default <c>/socket.io-admin</c>).</summary>
    public static void MapConfiguredAdminUI(this WebApplication app)
    {
        var section = app.Configuration.GetSection(Section);
        if (section["Username"] is { Length: > 0 } && Directory.Exists(Files))
        {
            app.MapSocketIOAdminUI(section["Path"] ?? DefaultPath, Files);
        }
    }
}
