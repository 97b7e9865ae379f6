namespace StickyAspire.SocketIO.Engine;

/// <summary>A whole message from a client, or the news that it closes.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Data">The payload, good until the next message is asked for.</param>
internal readonly record struct WebSocketMessage(WebSocketMessageKind Kind, ReadOnlyMemory<byte> Data)
{
    /// <summary>A client that is gone. No exception: many may go at once, and each of its awaiters would throw it again.</summary>
    public static WebSocketMessage Closed => new(WebSocketMessageKind.Close, default);
}
