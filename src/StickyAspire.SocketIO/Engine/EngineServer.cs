using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Buffers.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;
using StickyAspire.SocketIO.Diagnostics;

namespace StickyAspire.SocketIO.Engine;

/// <summary>Answers the HTTP requests of one Engine.IO endpoint and owns its sessions.</summary>
internal sealed partial class EngineServer(
    EngineOptions options,
    Func<EngineSession, IEngineSessionHandler> onConnection,
    SocketIOMetrics metrics,
    TimeProvider timeProvider,
    ILogger logger)
{
    private const int SessionIdBytes = 15;

    private readonly ConcurrentDictionary<string, EngineSession> _sessions = new(StringComparer.Ordinal);
    private readonly EnginePacket? _initialPacket = options.InitialPacket is { } message ? EnginePacket.CreateMessage(message) : null;
    private int _polling;
    private volatile bool _isClosed;

    public EngineOptions Options { get; } = options;

    public SocketIOMetrics Metrics { get; } = metrics;

    public TimeProvider TimeProvider { get; } = timeProvider;

    public ILogger Logger { get; } = logger;

    /// <summary>How many sessions are open.</summary>
    public int SessionCount => _sessions.Count;

    /// <summary>How many of them poll.</summary>
    public int PollingCount => _polling;

    /// <summary>A session has moved from polling to WebSocket.</summary>
    public void OnUpgraded()
    {
        Interlocked.Decrement(ref _polling);
        Metrics.Upgraded();
    }

    public Task HandleAsync(HttpContext context)
    {
        if (Options.OnHeaders is { } onHeaders)
        {
            context.Response.OnStarting(
                static state =>
                {
                    var (hook, context) = ((Action<HttpContext, IHeaderDictionary>, HttpContext))state;
                    hook(context, context.Response.Headers);
                    return Task.CompletedTask;
                },
                (onHeaders, context));
        }

        var query = EngineQuery.Parse(context.Request.QueryString);
        var isWebSocket = context.WebSockets.IsWebSocketRequest;
        if (Verify(context, query, isWebSocket, out var session) is { } error)
        {
            return RefuseAsync(context, isWebSocket, error);
        }

        if (session is null)
        {
            return HandshakeAsync(context, query, isWebSocket);
        }

        if (isWebSocket)
        {
            return UpgradeAsync(context, session);
        }

        if (session.Transport is not PollingTransport polling)
        {
            // It has moved to WebSocket since it was verified.
            return RefuseAsync(context, isWebSocket, EngineError.TransportMismatch);
        }

        if (HttpMethods.IsGet(context.Request.Method))
        {
            return polling.PollAsync(context);
        }

        if (HttpMethods.IsPost(context.Request.Method))
        {
            return polling.ReceiveAsync(context);
        }

        // Node answers 500 here; the fault is the client's, so ours says so.
        context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
        context.Response.Headers.Allow = "GET, POST";
        return Task.CompletedTask;
    }

    /// <summary>Ends every session with the given reason, and lets no new one in.</summary>
    public void Close(string reason)
    {
        _isClosed = true;
        foreach (var session in _sessions.Values)
        {
            session.OnClosed(reason, EnginePacket.Close);
        }
    }

    public void Remove(EngineSession session, string reason)
    {
        if (_sessions.TryRemove(session.Id, out _))
        {
            if (session.Transport is PollingTransport)
            {
                Interlocked.Decrement(ref _polling);
            }

            Metrics.SessionClosed(session.TransportName, reason, TimeProvider.GetUtcNow() - session.Handshake.Time);
            EngineLog.SessionClosed(Logger, session.Id, reason);
        }
    }

    /// <summary>Node's order of checks, since clients and tests rely on which error wins.</summary>
    private EngineError? Verify(HttpContext context, EngineQuery query, bool isWebSocket, out EngineSession? session)
    {
        session = null;
        if ((Options.Transports & query.Transport) == 0)
        {
            return EngineError.UnknownTransport;
        }

        if (!EngineQuery.IsValidHeaderValue(context.Request.Headers.Origin.ToString()))
        {
            return EngineError.InvalidOrigin;
        }

        if (query.SessionId is { } sid)
        {
            // A request may come in the moment in which the session's time is up but its timer has not run yet.
            if (!_sessions.TryGetValue(sid, out session) || session.CloseIfOverdue())
            {
                return EngineError.UnknownSid;
            }

            var matches = isWebSocket
                ? query.Transport == EngineTransports.WebSocket
                : query.Transport == EngineTransports.Polling && session.Transport is PollingTransport;
            if (!matches)
            {
                return EngineError.TransportMismatch;
            }

            return query.Protocol == session.Protocol ? null : EngineError.ProtocolMismatch;
        }

        // Over HTTP/2 a WebSocket comes by CONNECT (RFC 8441).
        if (!HttpMethods.IsGet(context.Request.Method) && !isWebSocket)
        {
            return EngineError.BadHandshakeMethod;
        }

        return query.Transport == EngineTransports.WebSocket != isWebSocket ? EngineError.TransportHandshakeError : null;
    }

    private Task RefuseAsync(HttpContext context, bool isWebSocket, EngineError error)
    {
        EngineLog.RequestRefused(Logger, error.Code, error.Message, error.Reason);
        Metrics.Refused(error);
        Options.OnConnectionError?.Invoke(context, error);
        return isWebSocket ? EngineResponse.WriteUpgradeErrorAsync(context, error) : EngineResponse.WriteErrorAsync(context, error);
    }

    /// <summary>Nothing here stays on the stack while the session lasts, where no hook of the application's has to be waited for.</summary>
    private Task HandshakeAsync(HttpContext context, EngineQuery query, bool isWebSocket)
    {
        var session = PrepareAsync(context, query, isWebSocket);
        return session.IsCompletedSuccessfully ? BeginAsync(context, session.Result, query, isWebSocket) : WaitAsync();

        async Task WaitAsync() => await BeginAsync(context, await session, query, isWebSocket);
    }

    private Task BeginAsync(HttpContext context, EngineSession? session, EngineQuery query, bool isWebSocket) => session switch
    {
        null => Task.CompletedTask,
        _ when isWebSocket => HandshakeByWebSocketAsync(context, session),
        _ => HandshakeByPollingAsync(context, session, query.Base64Only),
    };

    /// <summary>A new session; null if the request has been answered with a refusal.</summary>
    private async ValueTask<EngineSession?> PrepareAsync(HttpContext context, EngineQuery query, bool isWebSocket)
    {
        if (Options.AllowRequest is { } allowRequest && await allowRequest(context) is { } refusal)
        {
            await RefuseAsync(context, isWebSocket, EngineError.Forbidden(refusal));
            return null;
        }

        if (query.Protocol == 3 && !Options.AllowEIO3)
        {
            await RefuseAsync(context, isWebSocket, EngineError.UnsupportedProtocolVersion);
            return null;
        }

        if (_isClosed)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return null;
        }

        EngineSession session;
        try
        {
            session = await CreateSessionAsync(context, query.Protocol);
        }
#pragma warning disable CA1031 // A hook of the application's: whatever it throws, the client gets the protocol's answer.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            EngineLog.IdGenerationFailed(Logger, exception);
            await RefuseAsync(context, isWebSocket, EngineError.IdGenerationError with { Exception = exception });
            return null;
        }

        Options.OnInitialHeaders?.Invoke(context, context.Response.Headers);
        return session;
    }

    private async Task HandshakeByPollingAsync(HttpContext context, EngineSession session, bool base64Only)
    {
        session.Open(new PollingTransport(session) { Base64Only = base64Only });
        if (Options.Cookie is { Name.Length: > 0 } cookie)
        {
            context.Response.Cookies.Append(cookie.Name, session.Id, cookie.Build(context));
        }

        if (!TryAdd(session))
        {
            await RefuseAsync(context, false, EngineError.IdGenerationError);
            return;
        }

        // Before the answer: the client may send the moment it has the session id.
        Start(session);
        await PollingTransport.AnswerHandshakeAsync(context, session, OpenPacket.Create(session), _initialPacket);
    }

    private async ValueTask<EngineSession> CreateSessionAsync(HttpContext context, int protocol)
    {
        var id = Options.GenerateId is { } generateId ? await generateId(context) : GenerateId();
        return new EngineSession(this, id, protocol, new EngineHandshake(context, TimeProvider.GetUtcNow()));
    }

    private bool TryAdd(EngineSession session)
    {
        if (!_sessions.TryAdd(session.Id, session))
        {
            return false;
        }

        if (session.Transport is PollingTransport)
        {
            Interlocked.Increment(ref _polling);
        }

        Metrics.SessionOpened(session.TransportName);
        EngineLog.SessionOpened(Logger, session.Id, session.TransportName);
        return true;
    }

    private void Start(EngineSession session)
    {
        try
        {
            session.Start(onConnection(session));
        }
#pragma warning disable CA1031 // The application's callback: a session without a handler cannot stay, and its exception ends here.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            EngineLog.HandlerFailed(Logger, exception, session.Id);
            session.OnClosed(EngineCloseReason.ForcedClose, EnginePacket.Close);
        }

        if (_isClosed)
        {
            session.OnClosed(EngineCloseReason.ServerShuttingDown, EnginePacket.Close);
        }
    }

    private static string GenerateId()
    {
        Span<byte> bytes = stackalloc byte[SessionIdBytes];
        RandomNumberGenerator.Fill(bytes);
        return Base64Url.EncodeToString(bytes);
    }
}
