namespace SocketIO.AotHost;

/// <summary>A payload of the application's.</summary>
internal sealed record Order(string Item, int Count, byte[] Label);
