using Microsoft.Extensions.DependencyInjection;

namespace StickyAspire.SocketIO;

/// <summary>Configures the Socket.IO server that <c>AddSocketIO</c> has added.</summary>
public interface ISocketIOBuilder
{
    /// <summary>The application's services.</summary>
    IServiceCollection Services { get; }
}
