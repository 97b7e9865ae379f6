using System.Globalization;
using System.Text.Json;
using StickyAspire.SocketIO.Adapters;
using StickyAspire.SocketIO.Protocol;

namespace StickyAspire.SocketIO.Admin;

/// <summary>Tells the admin page of every socket, room and event.</summary>
internal sealed class AdminObserver(SocketIONamespace admin, TimeProvider timeProvider) : ISocketIOObserver
{
    /// <summary>How much of a session id the page gets: enough to tell sessions apart, not enough to use one.</summary>
    private const int ClientIdLength = 12;

    private string Now => timeProvider.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Whether anybody listens here, or may on another server.</summary>
    private bool IsHeard => !admin.ConnectedSockets.IsEmpty || (admin.Adapter is not RecoveringAdapter && admin.Adapter.GetType() != typeof(SocketIOAdapter));

    public void OnConnected(SocketIOSocket socket)
    {
        OnJoined(socket, socket.Id);
        Describe(socket);
        if (IsHeard)
        {
            var info = socket.Describe();
            Emit("socket_connected", AdminSocketJson.Create(socket.Nsp.Name, info.Id, info.Handshake, info.Rooms, info.Data), Now);
        }
    }

    public void OnUpgraded(SocketIOSocket socket)
    {
        Describe(socket);
        Emit("socket_updated", new Dictionary<string, string> { ["id"] = socket.Id, ["nsp"] = socket.Nsp.Name, ["transport"] = socket.TransportName });
    }

    public void OnDisconnected(SocketIOSocket socket, string reason)
    {
        Emit("socket_disconnected", socket.Nsp.Name, socket.Id, reason, Now);

        // The socket's own room: the page lists it until it hears of its end.
        OnLeft(socket, socket.Id);
    }

    public void OnDataChanged(SocketIOSocket socket, string key)
    {
        if (key != AdminSocketJson.AdminKey && socket.IsConnected && IsHeard)
        {
            Emit("socket_updated", AdminSocketJson.CreateUpdate(socket.Nsp.Name, socket.Id, socket.Describe().Data));
        }
    }

    public void OnJoined(SocketIOSocket socket, string room) => Emit("room_joined", socket.Nsp.Name, room, socket.Id, Now);

    public void OnLeft(SocketIOSocket socket, string room) => Emit("room_left", socket.Nsp.Name, room, socket.Id, Now);

    public void OnReceived(SocketIOSocket socket, SocketIOPacket packet) => OnEvent("event_received", socket, packet);

    public void OnSent(SocketIOSocket socket, SocketIOPacket packet) => OnEvent("event_sent", socket, packet);

    private void OnEvent(string name, SocketIOSocket socket, SocketIOPacket packet)
    {
        // Not of itself: it would never end.
        if (socket.Nsp != admin && IsHeard)
        {
            Emit(name, socket.Nsp.Name, socket.Id, socket.Nsp.GetWholeEvent(packet), Now);
        }
    }

    private void Emit(string name, params object?[] arguments)
    {
        if (IsHeard)
        {
            _ = admin.EmitAsync(name, arguments).AsTask();
        }
    }

    private static void Describe(SocketIOSocket socket)
    {
        var sessionId = socket.Connection.Session.Id;
        socket.Data[AdminSocketJson.AdminKey] = new Dictionary<string, string>
        {
            ["clientId"] = sessionId[..Math.Min(ClientIdLength, sessionId.Length)],
            ["transport"] = socket.TransportName,
        };
    }
}
