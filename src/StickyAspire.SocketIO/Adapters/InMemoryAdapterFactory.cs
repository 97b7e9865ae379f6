namespace StickyAspire.SocketIO.Adapters;

/// <summary>One server alone.</summary>
internal sealed class InMemoryAdapterFactory : ISocketIOAdapterFactory
{
    public SocketIOAdapter Create(ISocketIOAdapterHost host) => new(host);
}
