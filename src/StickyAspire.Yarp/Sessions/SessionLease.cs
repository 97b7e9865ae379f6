using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace StickyAspire.Yarp.Sessions;

/// <summary>
/// A WebSocket that may go on when its request has ended. Whatever is held for a session's length (a slot, a place in a count) is then held by the lease: each <see cref="RequestHold"/>
/// hands over what it would have given back, and the forwarder says when the session has ended. Those that would have ended first are first then too.
/// </summary>
internal sealed class SessionLease
{
    private readonly Lock _gate = new();
    private SessionHold? _first;
    private SessionHold? _last;
    private ForwarderError _error;
    private Exception? _exception;
    private bool _isOver;

    /// <summary>Whether the session goes on by itself. Until the forwarder says so it is an offer.</summary>
    public bool IsTaken { get; private set; }

    /// <summary>The lease of a request whose session goes on without it; null where the session is over with the request.</summary>
    public static SessionLease? Of(HttpContext context) => context.Features.Get<RequestScope>()?.Lease is { IsTaken: true } lease ? lease : null;

    public void Take() => IsTaken = true;

    /// <summary>Hands something over until the session ends. Where it has ended already it is given back at once.</summary>
    public void Add(SessionHold hold)
    {
        lock (_gate)
        {
            if (!_isOver)
            {
                _last?.Next = hold;
                _first ??= hold;
                _last = hold;
                return;
            }
        }

        hold.Release(_error, _exception);
    }

    /// <summary>The session has ended. Once.</summary>
    /// <param name="error">What ended it, where that was no one's wish.</param>
    /// <param name="exception">What broke, where something did.</param>
    public void End(ForwarderError error, Exception? exception)
    {
        SessionHold? hold;
        lock (_gate)
        {
            _error = error;
            _exception = exception;
            _isOver = true;
            hold = _first;
            _first = _last = null;
        }

        for (; hold is not null; hold = hold.Next)
        {
            hold.Release(error, exception);
        }
    }
}
