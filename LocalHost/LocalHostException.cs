namespace StickyAspire.LocalHosting;

/// <summary>What keeps the application from running, in one line for the user.</summary>
internal sealed class LocalHostException(string message) : Exception(message);
