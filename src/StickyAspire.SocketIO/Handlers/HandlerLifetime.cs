namespace StickyAspire.SocketIO;

/// <summary>How long an instance of a <see cref="SocketIOHandler"/> and its scope of services live.</summary>
public enum HandlerLifetime
{
    /// <summary>For one event, as a SignalR hub does.</summary>
    Call,

    /// <summary>As long as its client is connected. Events of one client may be handled at the same time, where methods await.</summary>
    Connection,
}
