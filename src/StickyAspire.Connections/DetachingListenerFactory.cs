using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace StickyAspire.Connections;

/// <summary>Kestrel's socket transport, whose connections a request handler may keep when their request has ended, and which takes no more of them than the process has files for.</summary>
/// <param name="inner">The transport.</param>
/// <param name="filesPerConnection">The files that a client makes this process open: 1, or 2 in a proxy.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Where a listener says that it takes no more.</param>
/// <param name="server">Kestrel's options. Where they limit the number of connections, Kestrel has to count them all, so none is to leave it.</param>
internal sealed class DetachingListenerFactory(
    IConnectionListenerFactory inner, int filesPerConnection, TimeProvider timeProvider, ILogger<DetachingListenerFactory> logger, IOptions<KestrelServerOptions> server) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly ConnectionBudget _budget = new(OpenFiles.OfThisProcess, filesPerConnection);

    public bool CanBind(EndPoint endpoint) => inner is not IConnectionListenerFactorySelector selector || selector.CanBind(endpoint);

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var listener = await inner.BindAsync(endpoint, cancellationToken);
        return server.Value.Limits is { MaxConcurrentConnections: null, MaxConcurrentUpgradedConnections: null }
            ? new DetachingListener(new FrugalListener(listener, _budget, timeProvider, logger), _budget, timeProvider)
            : new FrugalListener(listener, new ConnectionBudget(OpenFiles.OfThisProcess, filesPerConnection: 0), timeProvider, logger);
    }
}
