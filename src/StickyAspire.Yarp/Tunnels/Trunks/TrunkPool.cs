using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StickyAspire.Trunks;
using StickyAspire.Yarp.Tunnels.Handshake;

namespace StickyAspire.Yarp.Tunnels;

/// <summary>The trunks to all servers, and their instruments of the meter <c>StickyAspire.Yarp</c>.</summary>
internal sealed class TrunkPool : IDisposable
{
    private readonly ConcurrentDictionary<string, ServerTrunks> _servers = new(StringComparer.OrdinalIgnoreCase);
    private readonly CancellationTokenSource _stopped = new();
    private readonly ServerConnector _connector;
    private readonly IOptions<SocketTransportOptions> _sockets;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger<TrunkPool> _logger;

    public TrunkPool(ServerConnector connector, IOptions<SocketTransportOptions> sockets, TimeProvider timeProvider, IMeterFactory meterFactory, ILogger<TrunkPool> logger)
    {
        _connector = connector;
        _sockets = sockets;
        _timeProvider = timeProvider;
        _logger = logger;
        var meter = meterFactory.Create(TunnelMetrics.MeterName);
        meter.CreateObservableUpDownCounter("stickyaspire.trunks.open", () => Read(server => server.Count), "{trunk}", "Connections to servers that carry many streams.");
        meter.CreateObservableUpDownCounter("stickyaspire.trunks.streams", () => Read(server => server.Streams), "{stream}", "WebSockets and connections of the HTTP client that go by trunks.");
    }

    /// <summary>Opens a stream to a server. Null where no trunk leads there, or none yet: nobody waits for one.</summary>
    public TrunkStream? TryOpen(Uri uri, TunnelOptions options) => options.Trunks == 0 ? null : Of(uri).TryOpen(options);

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
        new Uri(uri, TrunkProtocol.Path), _connector, _sockets.Value.UnsafePreferInlineScheduling, _timeProvider, _logger, _stopped.Token);

    private IEnumerable<Measurement<int>> Read(Func<ServerTrunks, int> read) =>
        _servers.Select(server => new Measurement<int>(read(server.Value), new KeyValuePair<string, object?>("server", server.Key)));
}
