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
            && !(reader.ValueTextEquals("connect") || reader.ValueTextEquals("connect_error") || reader.ValueTextEquals("disconnect")
                || reader.ValueTextEquals("disconnecting") || reader.ValueTextEquals("newListener") || reader.ValueTextEquals("removeListener"));
    }
}
