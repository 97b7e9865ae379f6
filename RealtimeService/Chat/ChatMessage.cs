using MessagePack;

namespace StickyAspire.RealtimeService.Chat;

/// <summary>A chat message, in the one shape that clients of both protocols get.</summary>
/// <param name="Id">Unique.</param>
/// <param name="Room">Where it was said.</param>
/// <param name="From">Who said it.</param>
/// <param name="Text">What was said.</param>
/// <param name="Server">The replica that took it.</param>
/// <param name="Protocol">How it came: <c>socket.io</c> or <c>signalr</c>.</param>
/// <param name="At">When it came: ISO 8601, UTC, to the millisecond. A text, so that JSON and MessagePack give it alike.</param>
[MessagePackObject]
public sealed record ChatMessage(
    [property: Key("id")] string Id,
    [property: Key("room")] string Room,
    [property: Key("from")] string From,
    [property: Key("text")] string Text,
    [property: Key("server")] string Server,
    [property: Key("protocol")] string Protocol,
    [property: Key("at")] string At);
