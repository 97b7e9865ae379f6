using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using StickyAspire.SocketIO.Engine;

namespace StickyAspire.SocketIO;

/// <summary>How a client came: Node's <c>socket.handshake</c>.</summary>
public sealed class SocketIOHandshake
{
    private readonly EngineHandshake _engine;

    internal SocketIOHandshake(EngineHandshake engine, JsonElement auth)
    {
        _engine = engine;
        Auth = auth;
    }

    /// <summary>The headers of the session's first request.</summary>
    public IReadOnlyDictionary<string, StringValues> Headers => _engine.Headers;

    /// <summary>The query of the session's first request.</summary>
    public IReadOnlyDictionary<string, StringValues> Query => QueryHelpers.ParseQuery(_engine.QueryString.Value);

    /// <summary>What the client gave as <c>auth</c> for this namespace. Of kind Undefined where it gave nothing.</summary>
    public JsonElement Auth { get; }

    /// <summary>The client's address, as the forwarded-headers middleware left it.</summary>
    public string? Address => _engine.RemoteAddress?.ToString();

    /// <summary>When the session was opened.</summary>
    public DateTimeOffset Time => _engine.Time;

    /// <summary>Whether the first request came by HTTPS.</summary>
    public bool IsSecure => _engine.IsSecure;

    /// <summary>Whether the first request named an origin, as browsers do across origins.</summary>
    public bool IsCrossOrigin => _engine.Headers.ContainsKey("Origin");

    /// <summary>Path and query of the first request.</summary>
    public string Url => _engine.Path + _engine.QueryString.Value;

    /// <summary>Who the authentication middleware found the client to be.</summary>
    public ClaimsPrincipal User => _engine.User;
}
