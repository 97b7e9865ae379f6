namespace StickyAspire.SocketIO;

/// <summary>Why a socket left its namespace, in Node's words. The reasons of <see cref="Engine.EngineCloseReason"/> come as they are.</summary>
public static class DisconnectReason
{
    /// <summary>The client called <c>socket.disconnect()</c>.</summary>
    public const string ClientNamespaceDisconnect = "client namespace disconnect";

    /// <summary>The server called <see cref="ISocketIOSocket.DisconnectAsync"/>.</summary>
    public const string ServerNamespaceDisconnect = "server namespace disconnect";

    /// <summary>The server closed the whole connection, for instance because no namespace was joined in time.</summary>
    public const string ForcedServerClose = "forced server close";
}
