using StickyAspire.SocketIO.Protocol;

namespace StickyAspire.SocketIO.Admin;

/// <summary>Is told of all that happens to sockets, on the threads where it happens.</summary>
internal interface ISocketIOObserver
{
    void OnConnected(SocketIOSocket socket);

    void OnUpgraded(SocketIOSocket socket);

    void OnDisconnected(SocketIOSocket socket, string reason);

    /// <summary>A value of the socket's data was set or removed.</summary>
    void OnDataChanged(SocketIOSocket socket, string key);

    void OnJoined(SocketIOSocket socket, string room);

    void OnLeft(SocketIOSocket socket, string room);

    void OnReceived(SocketIOSocket socket, SocketIOPacket packet);

    void OnSent(SocketIOSocket socket, SocketIOPacket packet);
}
