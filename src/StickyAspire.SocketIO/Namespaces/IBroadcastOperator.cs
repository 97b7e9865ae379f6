namespace StickyAspire.SocketIO;

/// <summary>
/// Emits to many clients, on all servers of the cluster. Immutable: each of the chaining members gives a new operator,
/// so one can be kept and used by several threads.
/// </summary>
public interface IBroadcastOperator
{
    /// <summary>Only clients in these rooms; each client once, however many of the rooms it is in.</summary>
    IBroadcastOperator To(params ReadOnlySpan<string> rooms);

    /// <summary>The same as <see cref="To"/>.</summary>
    IBroadcastOperator In(params ReadOnlySpan<string> rooms) => To(rooms);

    /// <summary>Without the clients in these rooms. A socket's id is a room with that socket in it.</summary>
    IBroadcastOperator Except(params ReadOnlySpan<string> rooms);

    /// <summary>A client whose connection is busy misses the event, instead of getting it late.</summary>
    IBroadcastOperator Volatile { get; }

    /// <summary>Only clients of this server.</summary>
    IBroadcastOperator Local { get; }

    /// <summary>Whether transports that can compress the event may do so. Default true.</summary>
    IBroadcastOperator Compress(bool compress);

    /// <summary>How long answers are awaited, of clients or of other servers.</summary>
    IBroadcastOperator Timeout(TimeSpan timeout);

    /// <summary>Emits an event. The arguments have been read when the call returns, and the event is queued for this server's clients.</summary>
    /// <exception cref="ArgumentException">The name is one of the protocol's own.</exception>
    ValueTask EmitAsync(string eventName, params object?[] arguments);

    /// <summary>Emits an event and gathers the first argument of each client's answer.</summary>
    /// <exception cref="InvalidOperationException">No <see cref="Timeout"/> was given.</exception>
    /// <exception cref="BroadcastTimeoutException{T}">Not all clients answered in time; it carries the answers that came.</exception>
    Task<IReadOnlyList<T?>> EmitWithAckAsync<T>(string eventName, params object?[] arguments);

    /// <summary>The clients that this operator means, on all servers.</summary>
    Task<IReadOnlyList<IRemoteSocket>> FetchSocketsAsync();

    /// <summary>Makes the clients join rooms.</summary>
    ValueTask SocketsJoinAsync(params string[] rooms);

    /// <summary>Makes the clients leave rooms.</summary>
    ValueTask SocketsLeaveAsync(params string[] rooms);

    /// <summary>Disconnects the clients from the namespace.</summary>
    /// <param name="close">Whether to close their whole connections, with every namespace on them. Default false.</param>
    ValueTask DisconnectSocketsAsync(bool close = false);
}
