namespace StickyAspire.RealtimeService.Article;

/// <summary>What a client is greeted with.</summary>
internal sealed record Announcement(string Message);
