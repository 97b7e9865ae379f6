using System.Text.Json;

namespace StickyAspire.SocketIO.Protocol;

/// <summary>Whether every <c>{"_placeholder":true,"num":n}</c> in a packet names an attachment that the packet has.</summary>
internal static class PlaceholderCheck
{
    public const string PlaceholderName = "_placeholder";
    public const string NumberName = "num";

    public static bool AreValid(ref Utf8JsonReader reader, int attachments)
    {
        do
        {
            if (reader.TokenType != JsonTokenType.PropertyName || !JsonText.Is(ref reader, "_placeholder"u8))
            {
                continue;
            }

            if (!reader.Read())
            {
                return false;
            }

            if (reader.TokenType == JsonTokenType.True && !IsNumberValid(ref reader, attachments))
            {
                return false;
            }
        }
        while (reader.Read());

        return true;
    }

    private static bool IsNumberValid(ref Utf8JsonReader reader, int attachments) =>
        reader.Read() && reader.TokenType == JsonTokenType.PropertyName && JsonText.Is(ref reader, "num"u8)
        && reader.Read() && reader.TokenType == JsonTokenType.Number
        && reader.TryGetInt32(out var number) && number >= 0 && number < attachments
        && reader.Read() && reader.TokenType == JsonTokenType.EndObject;
}
