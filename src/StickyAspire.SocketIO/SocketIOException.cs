namespace StickyAspire.SocketIO;

/// <summary>
/// An error whose message the client may see. Thrown by a middleware it refuses the client with <c>CONNECT_ERROR {message, data}</c>;
/// thrown by an event handler it is the acknowledgement <c>{error: message}</c>.
/// </summary>
/// <param name="message">What the client is told.</param>
/// <param name="details">What a refused client gets as <c>err.data</c>, serialized as JSON; or null.</param>
public sealed class SocketIOException(string message, object? details = null) : Exception(message)
{
    /// <summary>What a refused client gets as <c>err.data</c>, or null.</summary>
    public object? Details { get; } = details;
}
