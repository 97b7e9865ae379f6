namespace StickyAspire.SocketIO.Engine;

/// <summary>The transports that a client may use, in Engine.IO's words.</summary>
[Flags]
public enum EngineTransports
{
    /// <summary>No transport at all.</summary>
    None = 0,

    /// <summary>HTTP long-polling: <c>transport=polling</c>.</summary>
    Polling = 1,

    /// <summary>WebSocket over HTTP/1.1 or HTTP/2: <c>transport=websocket</c>.</summary>
    WebSocket = 2,

    /// <summary>Every transport. The default.</summary>
    All = Polling | WebSocket,
}
