using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;
using StickyAspire.Trunks;
using StickyAspire.Yarp.Tunnels.Handshake;

namespace StickyAspire.Yarp.Tunnels;

/// <summary>The trunks to one server. They are opened when the first tunnels are, beside those, which have connections of their own till then; and closed when there has been none for a minute.</summary>
internal sealed class ServerTrunks(Uri uri, ServerConnector connector, bool inline, TimeProvider timeProvider, ILogger logger, CancellationToken stopped)
{
    /// <summary>How long after a failure, or a refusal, until the server is asked again.</summary>
    private static readonly TimeSpan FailurePause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RefusalPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan IdleLimit = TimeSpan.FromMinutes(1);

    /// <summary>How long a request waits for a trunk that is being opened: its connection would otherwise stay for as long as there are requests.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);

    private readonly Lock _gate = new();
    private Trunk[] _trunks = [];
    private uint _turn;
    private long _usedAt;
    private long _pausedAt;
    private TimeSpan _pause;
    private Task? _opening;

    /// <summary>Nobody needs to read it every minute.</summary>
    private bool _isRefusalTold;

    public int Count => Volatile.Read(ref _trunks).Length;

    public int Streams => Volatile.Read(ref _trunks).Sum(trunk => trunk.Count);

    /// <summary>Opens a stream on the next trunk in turn.</summary>
    public TrunkStream? TryOpen(TunnelOptions options)
    {
        var trunks = Volatile.Read(ref _trunks);
        Volatile.Write(ref _usedAt, timeProvider.GetTimestamp());
        if (trunks.Length < options.Trunks)
        {
            BeginOpening(options);
        }

        if (trunks.Length == 0)
        {
            return null;
        }

        var turn = Interlocked.Increment(ref _turn);
        for (var i = 0u; i < trunks.Length; i++)
        {
            if (trunks[(turn + i) % trunks.Length].TryOpen() is { } stream)
            {
                return stream;
            }
        }

        ForgetClosed();
        return null;
    }

    /// <summary>As <see cref="TryOpen"/>, but for a connection that many requests will use one after another, which is worth a moment's waiting for the first trunk.</summary>
    public async ValueTask<TrunkStream?> OpenAsync(TunnelOptions options, CancellationToken cancellationToken)
    {
        if (TryOpen(options) is { } stream)
        {
            return stream;
        }

        if (Volatile.Read(ref _opening) is not { } opening)
        {
            return null;
        }

        await opening.WaitAsync(Patience, timeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        return TryOpen(options);
    }

    /// <summary>A trunk that takes no more streams lives on for those that it has, and others take its place.</summary>
    private void ForgetClosed()
    {
        lock (_gate)
        {
            _trunks = [.. _trunks.Where(each => each.IsOpen)];
        }
    }

    private void BeginOpening(TunnelOptions options)
    {
        lock (_gate)
        {
            if (_opening is not null || stopped.IsCancellationRequested || timeProvider.GetElapsedTime(_pausedAt) < _pause)
            {
                return;
            }

            // Without the context of the request that happened to be first.
            using var none = ExecutionContext.SuppressFlow();
            _opening = Task.Run(() => OpenAllAsync(options), CancellationToken.None);
        }
    }

    private async Task OpenAllAsync(TunnelOptions options)
    {
        var pause = FailurePause;
        try
        {
            // Each is asked for once: one that ends at once is none to be had.
            for (var missing = options.Trunks - _trunks.Length; missing > 0; missing--)
            {
                var (socket, status) = await AskAsync(options);
                if (socket is null)
                {
                    pause = RefusalPause;
                    TunnelLog.TrunkRefused(logger, _isRefusalTold ? LogLevel.Debug : LogLevel.Information, uri.Authority, (int)status, pause);
                    _isRefusalTold = true;
                    break;
                }

                _ = RunAsync(socket);
            }
        }
#pragma warning disable CA1031 // WebSockets go on by connections of their own, and what is wrong with the server is told by those.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            TunnelLog.TrunkFailed(logger, exception, uri.Authority);
        }

        lock (_gate)
        {
            _opening = null;
            _pausedAt = timeProvider.GetTimestamp();
            _pause = pause;
        }
    }

    /// <returns>A connection that is a trunk by now, or none and the server's status.</returns>
    private async Task<(Socket? Socket, HttpStatusCode Status)> AskAsync(TunnelOptions options)
    {
        using var limit = new CancellationTokenSource(AnswerLimit, timeProvider);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopped);
        var socket = await connector.ConnectAsync(uri, options.ConnectTimeout, ended.Token);
        using var upstream = new Upstream(new SocketServerConnection(socket));
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        request.Headers.TryAddWithoutValidation(HeaderNames.Connection, HeaderNames.Upgrade);
        request.Headers.TryAddWithoutValidation(HeaderNames.Upgrade, TrunkProtocol.Name);
        await upstream.SendAsync(request, null, ended.Token);
        using var response = await upstream.ReceiveAsync(ended.Token);
        if (response.StatusCode != HttpStatusCode.SwitchingProtocols)
        {
            return (null, response.StatusCode);
        }

        if (!upstream.Unread.IsEmpty)
        {
            throw new InvalidDataException("The server speaks before anybody has opened a stream.");
        }

        upstream.Release();
        return (socket, response.StatusCode);
    }

    private async Task RunAsync(Socket socket)
    {
        // A stream of .NET's takes none that never blocks, and blocks in nothing it does here.
        socket.Blocking = true;
        await using var connection = new NetworkStream(socket, ownsSocket: true);
        var trunk = new Trunk(new StreamTrunkTransport(connection, connection.Dispose), null, inline, timeProvider);
        lock (_gate)
        {
            _trunks = [.. _trunks, trunk];
        }

        TunnelLog.TrunkOpened(logger, uri.Authority);
        Exception? exception;
        await using (stopped.UnsafeRegister(static trunk => ((Trunk)trunk!).Abort(), trunk))
        await using (timeProvider.CreateTimer(_ => CloseIfIdle(trunk), null, IdleLimit, IdleLimit))
        {
            exception = await trunk.RunAsync();
        }

        lock (_gate)
        {
            _trunks = [.. _trunks.Where(each => each != trunk)];
        }

        TunnelLog.TrunkEnded(logger, exception, uri.Authority);
    }

    private void CloseIfIdle(Trunk trunk)
    {
        if (trunk.Count == 0 && timeProvider.GetElapsedTime(Volatile.Read(ref _usedAt)) >= IdleLimit)
        {
            trunk.Leave();
        }
    }
}
