namespace StickyAspire.SocketIO.Adapters;

/// <summary>Whom a broadcast goes to, and how.</summary>
public sealed record BroadcastOptions
{
    /// <summary>Rooms whose sockets are meant. Empty means every socket of the namespace.</summary>
    public string[] Rooms { get; init; } = [];

    /// <summary>Rooms whose sockets are left out.</summary>
    public string[] Except { get; init; } = [];

    /// <summary>Only sockets of this server.</summary>
    public bool IsLocal { get; init; }

    /// <summary>Sockets whose connection is busy miss the event.</summary>
    public bool IsVolatile { get; init; }

    /// <summary>Whether transports may compress the event.</summary>
    public bool Compress { get; init; } = true;

    /// <summary>How long answers are awaited, or null for the adapter's own limit.</summary>
    public TimeSpan? Timeout { get; init; }
}
