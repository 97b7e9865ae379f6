namespace StickyAspire.SocketIO.Engine;

/// <summary>What a client has sent.</summary>
internal enum WebSocketMessageKind
{
    Text,
    Binary,
    Close,

    /// <summary>A ping: the next flush answers it.</summary>
    Ping,
}
