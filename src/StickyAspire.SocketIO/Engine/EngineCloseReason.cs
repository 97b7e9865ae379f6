namespace StickyAspire.SocketIO.Engine;

/// <summary>Why a session ended, in Node's words.</summary>
public static class EngineCloseReason
{
    /// <summary>The connection broke, or a request came that the transport does not allow.</summary>
    public const string TransportError = "transport error";

    /// <summary>The client closed the connection.</summary>
    public const string TransportClose = "transport close";

    /// <summary>The server closed the session.</summary>
    public const string ForcedClose = "forced close";

    /// <summary>The client did not answer a ping in time.</summary>
    public const string PingTimeout = "ping timeout";

    /// <summary>The client sent what the protocol does not know.</summary>
    public const string ParseError = "parse error";

    /// <summary>The server is shutting down.</summary>
    public const string ServerShuttingDown = "server shutting down";
}
