using MessagePack;

namespace StickyAspire.RealtimeService.Chat;

/// <summary>Somebody in a room.</summary>
/// <param name="Id">The connection's id.</param>
/// <param name="Room">The room.</param>
/// <param name="Name">What the member is called.</param>
/// <param name="Server">The replica that the member is connected to.</param>
/// <param name="Protocol"><c>socket.io</c> or <c>signalr</c>.</param>
[MessagePackObject]
public sealed record ChatMember(
    [property: Key("id")] string Id,
    [property: Key("room")] string Room,
    [property: Key("name")] string Name,
    [property: Key("server")] string Server,
    [property: Key("protocol")] string Protocol);
