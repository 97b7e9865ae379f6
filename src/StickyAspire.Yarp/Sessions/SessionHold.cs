using Yarp.ReverseProxy.Forwarder;

namespace StickyAspire.Yarp.Sessions;

/// <summary>Something that is held as long as a session lasts. Its request has ended by then, so it may keep nothing of that.</summary>
internal abstract class SessionHold
{
    /// <summary>The lease's list.</summary>
    public SessionHold? Next { get; set; }

    /// <summary>Gives it back. Must not throw, since others wait for their turn.</summary>
    /// <param name="error">What ended the session, where that was no one's wish.</param>
    /// <param name="exception">What broke, where something did.</param>
    public abstract void Release(ForwarderError error, Exception? exception);
}
