using StickyAspire.SocketIO.Adapters;

namespace StickyAspire.SocketIO;

internal sealed class ParentAdapterFactory : ISocketIOAdapterFactory
{
    public SocketIOAdapter Create(ISocketIOAdapterHost host) => new ParentAdapter((ParentNamespace)host);
}
