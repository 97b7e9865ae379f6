namespace StickyAspire.SocketIO;

/// <summary>
/// A namespace's events as methods of a class, like a SignalR hub: public methods with <see cref="SocketIOEventAttribute"/>. Their parameters are the event's arguments;
/// a <see cref="SocketIOAck"/>, an <see cref="ISocketIOSocket"/> and a <see cref="CancellationToken"/> (the socket's <see cref="ISocketIOSocket.Disconnected"/>) are given wherever they stand.
/// What a method returns is the answer to a client that asked for one. Constructed with services of a scope; see <see cref="HandlerLifetime"/>.
/// </summary>
public abstract class SocketIOHandler
{
    /// <summary>The client whose event is being handled.</summary>
    public ISocketIOSocket Socket { get; internal set; } = null!;

    /// <summary>The client's namespace.</summary>
    public ISocketIONamespace Namespace => Socket.Namespace;

    /// <summary>Called when a client has joined the namespace. Its events wait until this is through.</summary>
    public virtual Task OnConnectedAsync() => Task.CompletedTask;

    /// <summary>Called when the client has gone.</summary>
    /// <param name="reason">See <see cref="DisconnectReason"/>.</param>
    public virtual Task OnDisconnectedAsync(string reason) => Task.CompletedTask;
}
