using Microsoft.AspNetCore.Http;

namespace StickyAspire.Yarp.Sessions;

/// <summary>
/// A request on its way through the proxy, and the one place in our pipeline that waits for its end. What begins something that must end with the request pushes a hold and calls the next middleware;
/// to wait itself would cost it an object and a resumption each time. The last that has begun ends first.
/// </summary>
internal sealed class RequestScope
{
    /// <summary>The hold that is on top, to go back to by <see cref="EndTo"/>.</summary>
    public RequestHold? Top { get; private set; }

    /// <summary>Offered to a WebSocket, so that it may go on when its request ends.</summary>
    public SessionLease? Lease { get; set; }

    /// <summary>Whether affinity lets the request go on to a server, and has not answered it.</summary>
    public bool GoesOn { get; set; }

    /// <summary>The scope of a request that has come by <c>UseStickySessions</c>.</summary>
    public static RequestScope Of(HttpContext context) =>
        context.Features.Get<RequestScope>() ?? throw new InvalidOperationException("The request has not come by UseStickySessions.");

    public void Push(RequestHold hold)
    {
        hold.Previous = Top;
        Top = hold;
    }

    /// <summary>Ends what has begun since a hold was on top: one attempt of several, or by null the request. None keeps the others from ending by an exception of its own.</summary>
    public void EndTo(RequestHold? mark, HttpContext context, bool hasThrown)
    {
        while (Top is { } hold && hold != mark)
        {
            Top = hold.Previous;
            try
            {
                if (Lease is { IsTaken: true })
                {
                    hold.Leave(context, Lease);
                }
                else
                {
                    hold.End(context, hasThrown);
                }
            }
            catch
            {
                EndTo(mark, context, hasThrown);
                throw;
            }
        }
    }
}
