namespace StickyAspire.SocketIO;

/// <summary>A namespace: Node's <c>io.of(name)</c>. Its clients on all servers, as far as emitting goes; this server's, as far as handlers go.</summary>
public interface ISocketIONamespace : IBroadcastOperator, ISocketIOEventSource
{
    /// <summary>The name, with its slash.</summary>
    string Name { get; }

    /// <summary>The sockets that are connected to this server, by id.</summary>
    IReadOnlyDictionary<string, ISocketIOSocket> Sockets { get; }

    /// <summary>
    /// Adds a handler that is called when a client has joined. Events that come while it runs wait for it,
    /// so that a handler may await something before it says which events it handles.
    /// </summary>
    void OnConnection(Func<ISocketIOSocket, Task> handler);

    /// <summary>Adds a handler that is called when a client has joined.</summary>
    void OnConnection(Action<ISocketIOSocket> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        OnConnection(socket =>
        {
            handler(socket);
            return Task.CompletedTask;
        });
    }

    /// <summary>
    /// Adds a middleware, called in order before a client is let in. One that throws refuses the client:
    /// with the message and details of a <see cref="SocketIOException"/>, and without particulars for any other.
    /// </summary>
    void Use(Func<ISocketIOSocket, Task> middleware);

    /// <summary>
    /// Emits an event to the other servers of the cluster, whose <see cref="ISocketIOEventSource.On">handlers</see> of this namespace get it; clients do not.
    /// Does nothing where there are no other servers.
    /// </summary>
    /// <exception cref="ArgumentException">The name is <c>connect</c>, <c>connection</c> or <c>new_namespace</c>.</exception>
    ValueTask ServerSideEmitAsync(string eventName, params object?[] arguments);

    /// <summary>Emits an event to the other servers of the cluster and gathers the first argument of each one's answer.</summary>
    /// <exception cref="BroadcastTimeoutException{T}">Not all servers answered within the adapter's limit; it carries the answers that came.</exception>
    Task<IReadOnlyList<T?>> ServerSideEmitWithAckAsync<T>(string eventName, params object?[] arguments);

    /// <summary>The names of all rooms on all servers of the cluster, the sockets' own among them. Node's <c>adapter.allRooms()</c>.</summary>
    /// <exception cref="TimeoutException">Not all servers answered within the adapter's limit.</exception>
    Task<IReadOnlySet<string>> FetchRoomsAsync();

    /// <summary>How many servers the cluster has, this one included. Node's <c>adapter.serverCount()</c>.</summary>
    /// <exception cref="TimeoutException">The adapter could not find out within its limit.</exception>
    ValueTask<int> ServerCountAsync();
}
