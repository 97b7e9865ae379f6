using System.Text.Json;
using StickyAspire.SocketIO.Adapters;

namespace StickyAspire.SocketIO.Redis.Wire;

/// <summary>Whom a message is for: <c>{"rooms":[…],"except":[…],"flags":{…}}</c>.</summary>
internal static class BroadcastOptionsJson
{
    public static void Write(Utf8JsonWriter writer, BroadcastOptions options)
    {
        writer.WriteStartObject();
        WireJson.WriteNames(writer, "rooms", options.Rooms);
        WireJson.WriteNames(writer, "except", options.Except);
        writer.WriteStartObject("flags");
        if (options.IsVolatile)
        {
            writer.WriteBoolean("volatile", true);
        }

        if (!options.Compress)
        {
            writer.WriteBoolean("compress", false);
        }

        if (options.Timeout is { } timeout)
        {
            writer.WriteNumber("timeout", (long)timeout.TotalMilliseconds);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    public static BroadcastOptions Read(ref Utf8JsonReader reader)
    {
        var options = new BroadcastOptions();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return options;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("rooms"))
            {
                reader.Read();
                options = options with { Rooms = WireJson.ReadNames(ref reader) };
            }
            else if (reader.ValueTextEquals("except"))
            {
                reader.Read();
                options = options with { Except = WireJson.ReadNames(ref reader) };
            }
            else if (reader.ValueTextEquals("flags"))
            {
                reader.Read();
                options = ReadFlags(ref reader, options);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return options;
    }

    private static BroadcastOptions ReadFlags(ref Utf8JsonReader reader, BroadcastOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return options;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isVolatile = reader.ValueTextEquals("volatile");
            var isCompress = reader.ValueTextEquals("compress");
            var isTimeout = reader.ValueTextEquals("timeout");
            reader.Read();
            if (isVolatile)
            {
                options = options with { IsVolatile = reader.TokenType == JsonTokenType.True };
            }
            else if (isCompress)
            {
                options = options with { Compress = reader.TokenType != JsonTokenType.False };
            }
            else if (isTimeout && reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out var milliseconds) && milliseconds is > 0 and < 86_400_000)
            {
                options = options with { Timeout = TimeSpan.FromMilliseconds(milliseconds) };
            }

            reader.Skip();
        }

        return options;
    }
}
