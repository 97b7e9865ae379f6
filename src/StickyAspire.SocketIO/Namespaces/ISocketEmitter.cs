namespace StickyAspire.SocketIO;

/// <summary>Emits to one client.</summary>
public interface ISocketEmitter
{
    /// <summary>The event is dropped if the connection is busy, instead of being sent late.</summary>
    ISocketEmitter Volatile { get; }

    /// <summary>Whether the transport may compress the event, where it can. Default true.</summary>
    ISocketEmitter Compress(bool compress);

    /// <summary>How long an answer is awaited. Default: as long as the client is connected.</summary>
    ISocketEmitter Timeout(TimeSpan timeout);

    /// <summary>Emits an event. The arguments have been read when the call returns. Does nothing once the client is gone.</summary>
    /// <exception cref="ArgumentException">The name is one of the protocol's own.</exception>
    ValueTask EmitAsync(string eventName, params object?[] arguments);

    /// <summary>Emits an event and awaits the first argument of the client's answer.</summary>
    /// <exception cref="TimeoutException">No answer came within <see cref="Timeout"/>.</exception>
    /// <exception cref="SocketIOException">The client disconnected before it answered.</exception>
    Task<T?> EmitWithAckAsync<T>(string eventName, params object?[] arguments);
}
