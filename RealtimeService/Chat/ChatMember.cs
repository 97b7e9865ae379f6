namespace StickyAspire.RealtimeService.Chat;

/// <summary>Somebody in a room.</summary>
/// <param name="Id">The connection's id.</param>
/// <param name="Room">The room.</param>
/// <param name="Name">What the member is called.</param>
/// <param name="Server">The replica that the member is connected to.</param>
/// <param name="Protocol"><c>socket.io</c> or <c>signalr</c>.</param>
internal sealed record ChatMember(string Id, string Room, string Name, string Server, string Protocol);
