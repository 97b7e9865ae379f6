using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;

namespace StickyAspire.SocketIO.Engine;

/// <summary>
/// Options of the Engine.IO layer: transports, heartbeat, limits. The names and defaults are those of Node's <c>engine.io</c> 6.6.
/// </summary>
public sealed class EngineOptions
{
    /// <summary>How often the server pings a client. Default 25 seconds.</summary>
    public TimeSpan PingInterval { get; set; } = TimeSpan.FromSeconds(25);

    /// <summary>How long a client may take to answer a ping before its session is closed with <c>ping timeout</c>. Default 20 seconds.</summary>
    public TimeSpan PingTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How long an upgrade may take from the second connection's arrival to the <c>5</c> packet. Default 10 seconds.</summary>
    public TimeSpan UpgradeTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The largest message from a client, in bytes: a WebSocket message, or the body of one POST. Default 1,000,000.
    /// A larger POST is answered 413, a larger WebSocket message closes with status 1009. Announced to clients as <c>maxPayload</c>.
    /// </summary>
    [Range(1, int.MaxValue / 2)]
    public int MaxHttpBufferSize { get; set; } = 1_000_000;

    /// <summary>
    /// How many bytes may wait for one slow client before its session is closed with <c>transport error</c>. Default 64 MiB.
    /// Node has no such bound: there, one client that stops reading can take all the memory.
    /// </summary>
    [Range(1, long.MaxValue)]
    public long MaxSendBufferSize { get; set; } = 64 * 1024 * 1024;

    /// <summary>The transports offered. Default all.</summary>
    public EngineTransports Transports { get; set; } = EngineTransports.All;

    /// <summary>Whether a polling session may upgrade to WebSocket. Default true.</summary>
    public bool AllowUpgrades { get; set; } = true;

    /// <summary>Whether clients of Engine.IO protocol 3 (socket.io-client 1.x and 2.x) are served. Default false, as in Node.</summary>
    public bool AllowEIO3 { get; set; }

    /// <summary>Whether WebSocket messages may be compressed (RFC 7692). Default false: it costs each connection some 300 KB.</summary>
    public bool PerMessageDeflate { get; set; }

    /// <summary>WebSocket messages smaller than this, in bytes, are sent uncompressed. Default 1024.</summary>
    [Range(0, int.MaxValue)]
    public int PerMessageDeflateThreshold { get; set; } = 1024;

    /// <summary>Whether polling answers are compressed as the client's <c>Accept-Encoding</c> allows. Default true.</summary>
    public bool HttpCompression { get; set; } = true;

    /// <summary>Polling answers smaller than this, in bytes, are sent uncompressed. Default 1024.</summary>
    [Range(0, int.MaxValue)]
    public int HttpCompressionThreshold { get; set; } = 1024;

    /// <summary>
    /// Builds the cookie that carries the session id, sent with a polling handshake only. Default null: no cookie.
    /// Node's <c>cookie: true</c> is <c>new CookieBuilder { Name = "io", Path = "/", HttpOnly = true, SameSite = SameSiteMode.Lax }</c>.
    /// </summary>
    public CookieBuilder? Cookie { get; set; }

    /// <summary>
    /// Decides on each handshake, not on a session's later requests. Return null to allow it, or the message of the answer
    /// (403, <c>{"code":4,"message":…}</c>) to refuse it. Default null: all are allowed.
    /// </summary>
    public Func<HttpContext, ValueTask<string?>>? AllowRequest { get; set; }

    /// <summary>
    /// Mints session ids. They must be unique and beyond guessing, and safe in a URL. Default: 20 characters,
    /// base64url of 15 random bytes.
    /// </summary>
    public Func<HttpContext, ValueTask<string>>? GenerateId { get; set; }

    /// <summary>A message sent right after the handshake, as Node's <c>initialPacket</c>. Default null: none.</summary>
    public string? InitialPacket { get; set; }

    /// <summary>Called with the headers of a session's first answer, before they are sent. Node's <c>initial_headers</c> event.</summary>
    public Action<HttpContext, IHeaderDictionary>? OnInitialHeaders { get; set; }

    /// <summary>Called with the headers of every answer, before they are sent. Node's <c>headers</c> event.</summary>
    public Action<HttpContext, IHeaderDictionary>? OnHeaders { get; set; }

    /// <summary>Called for every request that is refused, with the error it got. Node's <c>connection_error</c> event.</summary>
    public Action<HttpContext, EngineError>? OnConnectionError { get; set; }
}
