using System.Text.Json;

namespace StickyAspire.SocketIO.Protocol;

/// <summary>Comparisons of JSON text that came from a client, and so may hold what no .NET string of UTF-8 can: half a surrogate pair.</summary>
internal static class JsonText
{
    /// <summary>Whether the text that the reader stands on is this one.</summary>
    public static bool Is(ref readonly Utf8JsonReader reader, ReadOnlySpan<byte> text)
    {
        try
        {
            return reader.ValueTextEquals(text);
        }
        catch (InvalidOperationException)
        {
            // "\ud83d" alone: allowed in JSON, and equal to no text of ours.
            return false;
        }
    }
}
