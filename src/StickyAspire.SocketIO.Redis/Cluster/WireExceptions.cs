using System.Text.Json;
using MessagePack;

namespace StickyAspire.SocketIO.Redis.Cluster;

internal static class WireExceptions
{
    /// <summary>Whether this is what readers throw at a message that is not of the wire's form. Whoever can write to Redis can send anything.</summary>
    public static bool IsMalformed(Exception exception) =>
        exception is JsonException or MessagePackSerializationException or EndOfStreamException or InvalidOperationException or OverflowException or FormatException or ArgumentException;
}
