namespace StickyAspire.RealtimeService.Chat;

/// <summary>Bounds of what clients may send.</summary>
internal static class ChatInput
{
    private const int MaxNameLength = 40;
    private const int MaxTextLength = 2_000;

    /// <summary>A room's or member's name, trimmed.</summary>
    /// <exception cref="ChatInputException">It is empty or too long.</exception>
    public static string CheckName(string? value, string what) => Check(value, what, MaxNameLength);

    /// <summary>A message's text, trimmed.</summary>
    /// <exception cref="ChatInputException">It is empty or too long.</exception>
    public static string CheckText(string? value) => Check(value, "text", MaxTextLength);

    private static string Check(string? value, string what, int max)
    {
        value = value?.Trim();
        return value is { Length: > 0 } && value.Length <= max
            ? value
            : throw new ChatInputException($"The {what} has {value?.Length ?? 0} characters: allowed are 1 to {max}.");
    }
}
