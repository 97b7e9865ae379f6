using MessagePack;

namespace StickyAspire.RealtimeService.Chat;

/// <summary>What a client learns when it has joined.</summary>
/// <param name="Room">The room.</param>
/// <param name="Server">The replica that answered.</param>
/// <param name="Here">Who is in the room, this client among them.</param>
[MessagePackObject]
public sealed record ChatJoin(
    [property: Key("room")] string Room,
    [property: Key("server")] string Server,
    [property: Key("here")] IReadOnlyList<ChatMember> Here);
