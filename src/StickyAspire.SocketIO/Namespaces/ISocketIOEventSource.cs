namespace StickyAspire.SocketIO;

/// <summary>
/// What events come from: a client's socket, or a namespace, whose events are those that other servers emit with
/// <see cref="ISocketIONamespace.ServerSideEmitAsync"/>.
/// </summary>
public interface ISocketIOEventSource
{
    /// <summary>Adds a handler of an event. The typed <c>On</c> methods are built on this one.</summary>
    /// <exception cref="ArgumentException">The name is one of the protocol's own.</exception>
    void On(string eventName, SocketIOEventHandler handler);

    /// <summary>Removes every handler of an event.</summary>
    void Off(string eventName);
}
