using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features.Authentication;
using Microsoft.Extensions.Primitives;

namespace StickyAspire.SocketIO.Engine;

/// <summary>
/// What the first request of a session said. A copy: a polling session outlives the request that opened it.
/// </summary>
public sealed class EngineHandshake
{
    private ClaimsPrincipal? _user;

    internal EngineHandshake(HttpContext context, DateTimeOffset time)
    {
        var request = context.Request;
        Headers = new HandshakeHeaders(SharedHeaderValues.Share(request.Headers));
        Path = request.PathBase + request.Path;
        QueryString = request.QueryString;
        RemoteAddress = context.Connection.RemoteIpAddress;
        RemotePort = context.Connection.RemotePort;
        IsSecure = request.IsHttps;
        _user = context.Features.Get<IHttpAuthenticationFeature>()?.User;
        Time = time;
    }

    /// <summary>The request's headers.</summary>
    public IReadOnlyDictionary<string, StringValues> Headers { get; }

    /// <summary>The path of the request.</summary>
    public PathString Path { get; }

    /// <summary>The query of the request, unparsed.</summary>
    public QueryString QueryString { get; }

    /// <summary>The client's address, as the forwarded-headers middleware left it. Null where there is none.</summary>
    public IPAddress? RemoteAddress { get; }

    /// <summary>The client's port.</summary>
    public int RemotePort { get; }

    /// <summary>Whether the request came by HTTPS.</summary>
    public bool IsSecure { get; }

    /// <summary>Who the authentication middleware found the client to be.</summary>
    public ClaimsPrincipal User => _user ??= new ClaimsPrincipal(new ClaimsIdentity());

    /// <summary>When the session was opened.</summary>
    public DateTimeOffset Time { get; }
}
