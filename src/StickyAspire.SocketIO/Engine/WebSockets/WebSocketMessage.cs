namespace StickyAspire.SocketIO.Engine;

/// <summary>A whole message from a client, or the news that it closes.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Data">The payload, good until the next message is asked for.</param>
internal readonly record struct WebSocketMessage(WebSocketMessageKind Kind, ReadOnlyMemory<byte> Data);
