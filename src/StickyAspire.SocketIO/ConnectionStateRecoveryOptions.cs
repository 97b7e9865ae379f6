using System.ComponentModel.DataAnnotations;

namespace StickyAspire.SocketIO;

/// <summary>
/// Connection state recovery: a client that lost its connection for a while gets its id, rooms and data back, and the events it missed.
/// The names and defaults are those of Node's <c>connectionStateRecovery</c>.
/// </summary>
public sealed class ConnectionStateRecoveryOptions
{
    /// <summary>How long a session can be recovered after its client has gone. Default 2 minutes.</summary>
    public TimeSpan MaxDisconnectionDuration { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Whether the namespace's middlewares are passed over for a client that is recovered, since they let it in before. Default true.</summary>
    public bool SkipMiddlewares { get; set; } = true;

    /// <summary>
    /// How many events of a namespace are kept for clients that may come back, where this server's memory holds them. Default 100,000. A client that missed more
    /// is not recovered: it gets a new session, and knows it.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int MaxStoredEvents { get; set; } = 100_000;
}
