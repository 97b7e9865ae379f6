namespace StickyAspire.RealtimeService.Chat;

/// <summary>A chat message, in the one shape that clients of both protocols get.</summary>
/// <param name="Id">Unique.</param>
/// <param name="Room">Where it was said.</param>
/// <param name="From">Who said it.</param>
/// <param name="Text">What was said.</param>
/// <param name="Server">The replica that took it.</param>
/// <param name="Protocol">How it came: <c>socket.io</c> or <c>signalr</c>.</param>
/// <param name="At">When it came.</param>
internal sealed record ChatMessage(string Id, string Room, string From, string Text, string Server, string Protocol, DateTimeOffset At);
