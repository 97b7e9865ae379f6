namespace StickyAspire.RealtimeService.Chat;

/// <summary>A client sent what the chat does not take. The message is for the client.</summary>
internal sealed class ChatInputException(string message) : Exception(message);
