using Microsoft.Extensions.Options;

namespace StickyAspire.SocketIO.Adapters;

/// <summary>One server alone.</summary>
internal sealed class InMemoryAdapterFactory(IOptions<SocketIOOptions> options, TimeProvider timeProvider) : ISocketIOAdapterFactory
{
    public SocketIOAdapter Create(ISocketIOAdapterHost host) =>
        options.Value.ConnectionStateRecovery is { } recovery ? new RecoveringAdapter(host, recovery, timeProvider) : new SocketIOAdapter(host);
}
