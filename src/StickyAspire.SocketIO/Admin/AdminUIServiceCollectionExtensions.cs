using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Options;
using StickyAspire.SocketIO;
using StickyAspire.SocketIO.Admin;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>The admin page of Socket.IO.</summary>
public static class AdminUIServiceCollectionExtensions
{
    /// <summary>Lets the <c>@socket.io/admin-ui</c> page look at this server, and act on it.</summary>
    /// <param name="builder">What <c>AddSocketIO</c> returned.</param>
    /// <param name="configure">Sets options; without credentials the application does not start.</param>
    public static ISocketIOBuilder AddAdminUI(this ISocketIOBuilder builder, Action<AdminUIOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddOptions<AdminUIOptions>().Configure(configure).ValidateOnStart();
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AdminUIOptions>, AdminUIOptionsValidator>());
        builder.Services.TryAddSingleton<IAdminSessionStore, InMemoryAdminSessionStore>();
        builder.Services.AddHostedService<AdminInstrumentation>();
        return builder;
    }

    /// <summary>Serves the admin page itself: the files of npm's <c>@socket.io/admin-ui/ui/dist</c>.</summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="path">The path, for example <c>/socket.io-admin</c>.</param>
    /// <param name="directory">Where the files are.</param>
    /// <exception cref="DirectoryNotFoundException">They are not there.</exception>
    public static IEndpointConventionBuilder MapSocketIOAdminUI(this IEndpointRouteBuilder endpoints, string path, string directory)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var files = new PhysicalFileProvider(Path.GetFullPath(directory));
        var types = new FileExtensionContentTypeProvider();
        return endpoints.MapGet(path.TrimEnd('/') + "/{**file}", Task (HttpContext context) => Get(context).ExecuteAsync(context));

        IResult Get(HttpContext context)
        {
            var file = context.GetRouteValue("file") as string;
            if (string.IsNullOrEmpty(file) && !context.Request.Path.Value!.EndsWith('/'))
            {
                // The page names its files relative to itself.
                return TypedResults.LocalRedirect($"~{context.Request.Path}/");
            }

            var info = files.GetFileInfo(string.IsNullOrEmpty(file) ? "index.html" : file);
            if (!info.Exists || info.PhysicalPath is not { } physical)
            {
                return TypedResults.NotFound();
            }

            return TypedResults.PhysicalFile(physical, types.TryGetContentType(physical, out var type) ? type : "application/octet-stream");
        }
    }
}
