using System.Collections.Concurrent;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StickyAspire.Trunks;
using StickyAspire.Yarp.Tunnels.Handshake;

namespace StickyAspire.Yarp.Tunnels;

/// <summary>The trunks to all servers.</summary>
internal sealed class TrunkPool(ServerConnector connector, IOptions<SocketTransportOptions> sockets, TimeProvider timeProvider, ILogger<TrunkPool> logger) : IDisposable
{
    private readonly ConcurrentDictionary<string, ServerTrunks> _servers = new(StringComparer.OrdinalIgnoreCase);
    private readonly CancellationTokenSource _stopped = new();

    /// <summary>Opens a stream to a server. Null where no trunk leads there, or none yet: nobody waits for one.</summary>
    public TrunkStream? TryOpen(Uri uri, TunnelOptions options) =>
        options.Trunks == 0 ? null : Of(uri).TryOpen(options);

    /// <summary>Opens a stream to a server, for which it waits a moment where the first trunk is just being opened. Null where none leads there.</summary>
    public ValueTask<TrunkStream?> OpenAsync(Uri uri, TunnelOptions options, CancellationToken cancellationToken) =>
        options.Trunks == 0 ? ValueTask.FromResult<TrunkStream?>(null) : Of(uri).OpenAsync(options, cancellationToken);

    public void Dispose()
    {
        _stopped.Cancel();
        _stopped.Dispose();
    }

    private ServerTrunks Of(Uri uri) => _servers.GetOrAdd(uri.Authority, static (_, ask) => ask.Pool.Create(ask.Uri), (Pool: this, Uri: uri));

    private ServerTrunks Create(Uri uri) => new(
        new Uri(uri, TrunkProtocol.Path), connector, sockets.Value.UnsafePreferInlineScheduling, timeProvider, logger, _stopped.Token);
}
