namespace StickyAspire.SocketIO.Protocol;

/// <summary>Event names that belong to the protocol. Sending one is refused, receiving one closes the connection.</summary>
internal static class ReservedEvents
{
    public static bool Contains(ReadOnlySpan<char> name) =>
        name is "connect" or "connect_error" or "disconnect" or "disconnecting" or "newListener" or "removeListener";

    public static void ThrowIfReserved(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (Contains(name))
        {
            throw new ArgumentException($"\"{name}\" is a reserved event name.", nameof(name));
        }
    }
}
