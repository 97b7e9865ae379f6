using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace StickyAspire.Connections;

/// <summary>Kestrel's socket transport, whose connections a request handler may keep when their request has ended.</summary>
/// <param name="inner">The transport.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="server">Kestrel's options. Where they limit the number of connections, Kestrel has to count them all, so none is to leave it.</param>
internal sealed class DetachingListenerFactory(IConnectionListenerFactory inner, TimeProvider timeProvider, IOptions<KestrelServerOptions> server) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => inner is not IConnectionListenerFactorySelector selector || selector.CanBind(endpoint);

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var listener = await inner.BindAsync(endpoint, cancellationToken);
        return server.Value.Limits is { MaxConcurrentConnections: null, MaxConcurrentUpgradedConnections: null } ? new DetachingListener(listener, timeProvider) : listener;
    }
}
