using Microsoft.AspNetCore.Http;

namespace StickyAspire.Yarp.Sessions;

/// <summary>Something that has begun with a request (a slot, a place in a count) and is over with it, or with the session that goes on without it. Lies in the request's <see cref="RequestScope"/>.</summary>
internal abstract class RequestHold
{
    /// <summary>The scope's stack: what has begun before this.</summary>
    public RequestHold? Previous { get; set; }

    /// <summary>The request is over, and its session with it.</summary>
    /// <param name="context">The request.</param>
    /// <param name="hasThrown">Whether an exception has ended it, so that its status is not the answer's.</param>
    public abstract void End(HttpContext context, bool hasThrown);

    /// <summary>The request is over, and its session goes on: hands over to the lease what has to be given back when that ends.</summary>
    /// <param name="context">The request, of which nothing may be kept.</param>
    /// <param name="lease">The session's.</param>
    public abstract void Leave(HttpContext context, SessionLease lease);
}
