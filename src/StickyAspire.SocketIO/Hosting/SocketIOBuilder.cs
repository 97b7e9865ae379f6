using Microsoft.Extensions.DependencyInjection;

namespace StickyAspire.SocketIO;

internal sealed class SocketIOBuilder(IServiceCollection services) : ISocketIOBuilder
{
    public IServiceCollection Services { get; } = services;
}
