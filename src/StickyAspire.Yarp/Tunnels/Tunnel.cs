using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using StickyAspire.Connections;
using Yarp.ReverseProxy.Forwarder;

namespace StickyAspire.Yarp.Tunnels;

/// <summary>
/// An open WebSocket between a client and a server: two pumps that hold no buffer while nothing passes, and know frames just well enough to close between them.
/// Bytes go from the server's socket into the client's pipe, and from the client's pipe into the server's socket, without a stop on the way.
/// </summary>
internal sealed partial class Tunnel
{
    /// <summary>How long a client may leave unread what a server sent that has ended since: as long as a replica gives such a client.</summary>
    private static readonly TimeSpan UnreadLimit = TimeSpan.FromSeconds(30);

    private readonly HttpContext? _context;
    private readonly DetachedConnection? _connection;
    private readonly PipeReader _fromClient;
    private readonly PipeWriter _toClient;
    private readonly ServerConnection _server;
    private readonly TunnelOptions _options;
    private Lane _up;
    private Lane _down;
    private Exception? _exception;
    private int _end;
    private ushort _closeCode;
    private bool _clientIsGone;
    private bool _serverIsGone;
    private bool _aborted;
    private bool _serverAsked;
    private bool _isFlushing;

    // The sweep's own.
    private long _bytesSeen;
    private long _bytesOutSeen;
    private long _unreadSince = long.MaxValue;
    private long _bytesInCounted;
    private long _bytesOutCounted;
    private long _activeAt;
    private long _endingSince = long.MaxValue;

    /// <param name="context">The request, upgraded.</param>
    /// <param name="client">Its connection.</param>
    /// <param name="server">A connection that belongs to the tunnel from now on, and never blocks.</param>
    /// <param name="options">The cluster's.</param>
    public Tunnel(HttpContext context, IDuplexPipe client, ServerConnection server, TunnelOptions options)
    {
        _context = context;
        _fromClient = client.Input;
        _toClient = client.Output;
        _server = server;
        _options = options;
    }

    /// <param name="client">The client's connection, which has left its request and belongs to the tunnel from now on.</param>
    /// <param name="server">As above.</param>
    /// <param name="options">The cluster's.</param>
    public Tunnel(DetachedConnection client, ServerConnection server, TunnelOptions options)
    {
        _connection = client;
        _fromClient = client.Input;
        _toClient = client.Output;
        _server = server;
        _options = options;
    }

    /// <summary>Whether it needs its request no more.</summary>
    public bool IsDetached => _connection is not null;

    public TunnelEnd End => (TunnelEnd)Volatile.Read(ref _end);

    /// <summary>What broke, where something did.</summary>
    public Exception? Exception => _exception;

    public long BytesIn => _up.Bytes;

    public long BytesOut => _down.Bytes;

    /// <summary>When it was opened, by the registry's clock.</summary>
    public long OpenedAt { get; set; }

    // The registry's list.
    public Tunnel? Previous { get; set; }

    public Tunnel? Next { get; set; }

    /// <summary>Passes on what the server sent together with its answer, then everything, until either side ends it or it is closed.</summary>
    public async Task<ForwarderError> RunAsync(byte[]? early)
    {
        var up = PumpUpAsync();
        await PumpDownAsync(early);

        // Without a server there is nobody to read for.
        Volatile.Write(ref _serverIsGone, true);
        _fromClient.CancelPendingRead();
        _server.Dispose();
        await up;
        if (_aborted)
        {
            _context?.Abort();
        }

        if (_connection is not null)
        {
            await _connection.DisposeAsync();
        }

        return End switch
        {
            TunnelEnd.ClientFailed => ForwarderError.UpgradeRequestClient,
            TunnelEnd.ServerFailed => ForwarderError.UpgradeResponseDestination,
            TunnelEnd.Idle => ForwarderError.UpgradeActivityTimeout,
            _ => ForwarderError.None,
        };
    }

    /// <summary>
    /// Begins the end: the client gets a close frame, its answer still goes to the server, which answers in turn and hangs up. A server that has seen no close frame
    /// after half the close timeout gets one too; what has not ended after all of it is cut.
    /// </summary>
    public void Close(TunnelEnd reason, ushort code, long now)
    {
        if (!TryEnd(reason, null))
        {
            return;
        }

        _closeCode = code;
        Volatile.Write(ref _endingSince, now);
        if (_down.RequestClose())
        {
            _ = SendCloseToClientAsync();
            _down.CloseWritten();
        }
    }

    /// <summary>Looks after times; called every now and then by one thread at a time.</summary>
    /// <returns>What has to be done, outside of the registry's locks.</returns>
    public TunnelDue Sweep(long now, TunnelCounters counters)
    {
        var bytes = CountBytes(counters);
        if (End != TunnelEnd.None)
        {
            // Where a side has closed by itself the time begins to count here.
            var since = Interlocked.CompareExchange(ref _endingSince, now, long.MaxValue) is not long.MaxValue and var earlier ? earlier : now;
            var limit = (long)_options.CloseTimeout.TotalMilliseconds;
            return now - since >= limit ? TunnelDue.Abort
                : now - since >= limit / 2 && !_serverAsked ? TunnelDue.AskServer
                : TunnelDue.Nothing;
        }

        if (IsLeftUnread(now))
        {
            TryEnd(TunnelEnd.ServerClosed, null);
            return TunnelDue.Abort;
        }

        if (bytes != _bytesSeen)
        {
            _bytesSeen = bytes;
            _activeAt = now;
        }

        return now - Math.Max(_activeAt, OpenedAt) >= (long)_options.IdleTimeout.TotalMilliseconds ? TunnelDue.Idle : TunnelDue.Nothing;
    }

    /// <summary>Adds what has passed since last time to the destination's counters.</summary>
    public long CountBytes(TunnelCounters counters)
    {
        var bytesIn = BytesIn;
        var bytesOut = BytesOut;
        counters.AddBytes(bytesIn - _bytesInCounted, bytesOut - _bytesOutCounted);
        _bytesInCounted = bytesIn;
        _bytesOutCounted = bytesOut;
        return bytesIn + bytesOut;
    }

    /// <summary>A close frame for a server whose client does not answer.</summary>
    public void AskServer()
    {
        _serverAsked = true;
        if (_closeCode != 0 && _up.RequestClose())
        {
            SendCloseToServer();
            _up.CloseWritten();
        }
    }

    /// <summary>Cuts both connections.</summary>
    public void Abort()
    {
        Volatile.Write(ref _aborted, true);
        _server.Dispose();
        _fromClient.CancelPendingRead();
        _toClient.CancelPendingFlush();
        _connection?.Abort();
    }

    /// <summary>
    /// Whether the server is gone and the client takes none of what it left, for too long. The pump cannot know: it waits for the client. What the client itself sends goes nowhere, and does not count.
    /// </summary>
    private bool IsLeftUnread(long now)
    {
        var bytesOut = BytesOut;
        if (bytesOut != _bytesOutSeen || !Volatile.Read(ref _isFlushing) || !_server.HasEnded)
        {
            _bytesOutSeen = bytesOut;
            _unreadSince = long.MaxValue;
            return false;
        }

        _unreadSince = Math.Min(_unreadSince, now);
        return now - _unreadSince >= (long)UnreadLimit.TotalMilliseconds;
    }

    private bool TryEnd(TunnelEnd reason, Exception? exception)
    {
        if (Interlocked.CompareExchange(ref _end, (int)reason, (int)TunnelEnd.None) != (int)TunnelEnd.None)
        {
            return false;
        }

        _exception = exception;
        return true;
    }
}
