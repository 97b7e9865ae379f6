namespace StickyAspire.SocketIO;

/// <summary>The server: Node's <c>io</c>. As a namespace it is the default one, <c>/</c>. Can be injected anywhere.</summary>
public interface ISocketIOServer : ISocketIONamespace
{
    /// <summary>The namespace of that name, created if need be. A missing slash is added.</summary>
    ISocketIONamespace Of(string name);

    /// <summary>Disconnects every client with <c>server shutting down</c>; they reconnect, to another server where there is one. Called when the host stops.</summary>
    ValueTask CloseAsync();
}
