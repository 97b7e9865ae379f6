using System.Security.Claims;
using StickyAspire.SocketIO.Engine;
using StickyAspire.SocketIO.Serialization;

namespace StickyAspire.SocketIO;

/// <summary>One client in one namespace: Node's <c>socket</c>.</summary>
public interface ISocketIOSocket : ISocketEmitter, ISocketIOEventSource
{
    /// <summary>The socket's id: 20 random characters, and the name of a room with this socket in it. Not the session id.</summary>
    string Id { get; }

    /// <summary>The namespace the client has joined.</summary>
    ISocketIONamespace Namespace { get; }

    /// <summary>How the client came.</summary>
    SocketIOHandshake Handshake { get; }

    /// <summary>Who the client is, as ASP.NET Core's authentication found.</summary>
    ClaimsPrincipal User => Handshake.User;

    /// <summary>Whether the client is in the namespace.</summary>
    bool IsConnected { get; }

    /// <summary>
    /// Whether this is a socket of before, whose client lost its connection: with its id, rooms and data, and the events it missed already on their way.
    /// See <see cref="ConnectionStateRecoveryOptions"/>.
    /// </summary>
    bool IsRecovered { get; }

    /// <summary>The rooms that the socket is in, its own included. A copy.</summary>
    IReadOnlyCollection<string> Rooms { get; }

    /// <summary>
    /// Whatever the application wants to keep with the socket. Sent along where other servers fetch the socket, and kept for its recovery, so it must serialize as JSON. On a socket that was
    /// recovered on another server the values are JSON: read them with <see cref="GetData"/>. A change inside a value is kept with the next change of the dictionary, or when the client goes.
    /// </summary>
    IDictionary<string, object?> Data { get; }

    /// <summary>One value of <see cref="Data"/>, whether it is the object that was put there or, after a recovery on another server, JSON.</summary>
    /// <returns>The value, or the type's default where there is none.</returns>
    /// <exception cref="System.Text.Json.JsonException">It is JSON of something else.</exception>
    /// <exception cref="InvalidCastException">It is an object of another type.</exception>
    T? GetData<T>(string key);

    /// <summary>The transport in use: <c>polling</c> or <c>websocket</c>.</summary>
    string TransportName { get; }

    /// <summary>The connection below, which all of the client's namespaces share: Node's <c>socket.conn</c>.</summary>
    EngineSession Session { get; }

    /// <summary>Cancelled when the socket has disconnected.</summary>
    CancellationToken Disconnected { get; }

    /// <summary>To everyone in the namespace but this socket.</summary>
    IBroadcastOperator Broadcast { get; }

    /// <summary>To everyone in these rooms but this socket.</summary>
    IBroadcastOperator To(params ReadOnlySpan<string> rooms);

    /// <summary>The same as <see cref="To"/>.</summary>
    IBroadcastOperator In(params ReadOnlySpan<string> rooms) => To(rooms);

    /// <summary>To everyone but this socket and those in these rooms.</summary>
    IBroadcastOperator Except(params ReadOnlySpan<string> rooms);

    /// <summary>Joins rooms. Does nothing once the client is gone. Where the adapter keeps live sessions, it is complete when the session is kept with its rooms, or cannot be for now.</summary>
    ValueTask JoinAsync(params string[] rooms);

    /// <summary>Leaves a room.</summary>
    ValueTask LeaveAsync(string room);

    /// <summary>
    /// Adds a middleware, called in order before the handlers of each event. One that throws keeps the event from them;
    /// the client is answered as if a handler had thrown.
    /// </summary>
    void Use(Func<SocketIOEventContext, Task> middleware);

    /// <summary>Adds a listener of every event that comes in, called before the event's own handlers.</summary>
    /// <param name="listener">Gets the event's name and arguments.</param>
    /// <param name="prepend">Whether it comes before the listeners there are already. Default false.</param>
    void OnAny(Action<string, SocketIOPayload> listener, bool prepend = false);

    /// <summary>Removes a listener of every incoming event, or with null all of them.</summary>
    void OffAny(Action<string, SocketIOPayload>? listener = null);

    /// <summary>Adds a listener of every event that goes out to this socket, by a broadcast too. Acknowledgements are no events.</summary>
    /// <param name="listener">Gets the event's name and arguments.</param>
    /// <param name="prepend">Whether it comes before the listeners there are already. Default false.</param>
    void OnAnyOutgoing(Action<string, SocketIOPayload> listener, bool prepend = false);

    /// <summary>Removes a listener of every outgoing event, or with null all of them.</summary>
    void OffAnyOutgoing(Action<string, SocketIOPayload>? listener = null);

    /// <summary>The listeners of every incoming event, in their order. A copy.</summary>
    IReadOnlyList<Action<string, SocketIOPayload>> AnyListeners { get; }

    /// <summary>The listeners of every outgoing event, in their order. A copy.</summary>
    IReadOnlyList<Action<string, SocketIOPayload>> AnyOutgoingListeners { get; }

    /// <summary>
    /// Adds a listener of this socket's errors: what a middleware or handler of an event has thrown, after the client was answered; and a packet that breaks
    /// the protocol, after which the connection is closed. Node's <c>error</c> event.
    /// </summary>
    void OnError(Action<Exception> listener);

    /// <summary>Called when the client has gone, with the reason: see <see cref="DisconnectReason"/>.</summary>
    void OnDisconnect(Func<string, Task> handler);

    /// <summary>Called when the client is about to go, while it still is in its rooms.</summary>
    void OnDisconnecting(Func<string, Task> handler);

    /// <summary>Disconnects the client from the namespace. A client told so does not reconnect by itself.</summary>
    /// <param name="close">Whether to close the whole connection, with every namespace on it. Default false.</param>
    ValueTask DisconnectAsync(bool close = false);
}
