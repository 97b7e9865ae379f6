using StickyAspire.SocketIO;
using StickyAspire.SocketIO.MessagePack;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the MessagePack parser.</summary>
public static class MessagePackSocketIOBuilderExtensions
{
    private const int DefaultMaxDepth = 64;

    /// <summary>
    /// Makes each packet one binary MessagePack message, in the format of npm's <c>socket.io-msgpack-parser</c> 3. All clients must use that parser too.
    /// </summary>
    public static ISocketIOBuilder AddMessagePackParser(this ISocketIOBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.PostConfigure<SocketIOOptions>(options =>
            options.Parser ??= new MessagePackParser(options.JsonSerializerOptions.MaxDepth is > 0 and var depth ? depth : DefaultMaxDepth));
        return builder;
    }
}
