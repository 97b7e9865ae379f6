using System.Text.Json;

namespace StickyAspire.SocketIO.Protocol;

/// <summary>What a client may call its events, for parsers to check.</summary>
public static class EventNames
{
    /// <summary>Whether the value that the reader stands on can be an event's name: a number, or a string that is none of the protocol's own names.</summary>
    public static bool IsAllowed(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Number)
        {
            return true;
        }

        return reader.TokenType == JsonTokenType.String
            && !(JsonText.Is(ref reader, "connect"u8) || JsonText.Is(ref reader, "connect_error"u8) || JsonText.Is(ref reader, "disconnect"u8)
                || JsonText.Is(ref reader, "disconnecting"u8) || JsonText.Is(ref reader, "newListener"u8) || JsonText.Is(ref reader, "removeListener"u8));
    }
}
