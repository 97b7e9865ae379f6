using System.Text.Json;
using StickyAspire.SocketIO.Adapters;
using StickyAspire.SocketIO.Engine;
using StickyAspire.SocketIO.Protocol;
using StickyAspire.SocketIO.Serialization;

namespace StickyAspire.SocketIO;

internal sealed partial class SocketIOSocket : ISocketIOSocket
{
    private static readonly HashSet<string> NoRooms = [];

    private readonly Lock _gate;
    private readonly SocketEvents _events;
    private SocketData? _data;
    private HashSet<string>? _joinedRooms;
    private volatile bool _isConnected;
    private bool _isDisconnected;

    public SocketIOSocket(SocketIONamespace nsp, SocketIOConnection connection, string id, SocketIOHandshake handshake, RecoverableSession? session = null)
    {
        Nsp = nsp;
        Connection = connection;
        _gate = connection.Session.Gate;
        Id = session?.Id ?? id;
        Handshake = handshake;
        if (nsp.RecoversSessions)
        {
            Pid = session?.Pid ?? SocketIdGenerator.Create();
            _gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _live = nsp.Adapter.KeepsLiveSessions ? new LiveSession(this) : null;
        }

        if (session is not null)
        {
            IsRecovered = true;
            _data = new SocketData(session.Data, OnDataChanged);
        }

        _events = new SocketEvents(this);
    }

    public string Id { get; }

    public SocketIONamespace Nsp { get; }

    public SocketIOConnection Connection { get; }

    public ISocketIONamespace Namespace => Nsp;

    public SocketIOHandshake Handshake { get; }

    public bool IsConnected => _isConnected;

    public EngineSession Session => Connection.Session;

    public string TransportName => Connection.Session.TransportName;

    public IReadOnlyCollection<string> Rooms => Nsp.Adapter.GetRooms(this);

    public IDictionary<string, object?> Data => _data ??= new SocketData([], OnDataChanged);

    public T? GetData<T>(string key) => Data.TryGetValue(key, out var value)
        ? value is JsonElement element && typeof(T) != typeof(JsonElement) ? Nsp.Server.Serializer.FromJson<T>(element) : (T?)value
        : default;

    /// <summary>The rooms besides the socket's own, not to be added to here. Guarded by the adapter.</summary>
    internal HashSet<string> JoinedRooms => _joinedRooms ?? NoRooms;

    /// <summary>Puts the socket into a room; false if it was there. Guarded by the adapter.</summary>
    internal bool AddRoom(string room) => (_joinedRooms ??= new HashSet<string>(StringComparer.Ordinal)).Add(room);

    /// <summary>Whether the socket has left all rooms for good. Guarded by the adapter.</summary>
    internal bool HasLeft { get; set; }

    public ValueTask JoinAsync(params string[] rooms)
    {
        Nsp.Adapter.Add(this, rooms);
        return WhenKept();
    }

    public ValueTask LeaveAsync(string room)
    {
        Nsp.Adapter.Remove(this, room);
        return WhenKept();
    }

    public void On(string eventName, SocketIOEventHandler handler) => _events.Add(eventName, handler);

    public void Off(string eventName) => _events.Remove(eventName);

    public void Use(Func<SocketIOEventContext, Task> middleware) => _events.Use(middleware);

    public void OnAny(Action<string, SocketIOPayload> listener, bool prepend = false) => _events.Incoming.Add(listener, prepend);

    public void OffAny(Action<string, SocketIOPayload>? listener = null) => _events.Incoming.Remove(listener);

    public void OnAnyOutgoing(Action<string, SocketIOPayload> listener, bool prepend = false) => _events.Outgoing.Add(listener, prepend);

    public void OffAnyOutgoing(Action<string, SocketIOPayload>? listener = null) => _events.Outgoing.Remove(listener);

    public IReadOnlyList<Action<string, SocketIOPayload>> AnyListeners => _events.Incoming.Listeners;

    public IReadOnlyList<Action<string, SocketIOPayload>> AnyOutgoingListeners => _events.Outgoing.Listeners;

    public void OnError(Action<Exception> listener) => _events.OnError(listener);

    internal void TellError(Exception error) => _events.TellError(error);

    /// <summary>The client is in: every middleware let it pass. False if it has gone meanwhile.</summary>
    internal bool TrySetConnected()
    {
        lock (_gate)
        {
            return _isConnected = !_isDisconnected;
        }
    }

    /// <summary>Runs the connection handlers; events wait until they are through.</summary>
    internal Task StartAsync(IReadOnlyList<Func<ISocketIOSocket, Task>> handlers)
    {
        Nsp.Server.Observer?.OnConnected(this);
        OnChanged();
        return _events.StartAsync(handlers);
    }

    internal ValueTask OnPacketAsync(SocketIOPacket packet)
    {
        switch (packet.Type)
        {
            case SocketIOPacketType.Event:
                return _events.DispatchAsync(packet);

            case SocketIOPacketType.Ack:
                OnAck(packet);
                break;

            case SocketIOPacketType.Disconnect:
                OnClosed(DisconnectReason.ClientNamespaceDisconnect);
                break;
        }

        return ValueTask.CompletedTask;
    }

    internal RemoteSocketInfo Describe()
    {
        var serializer = Nsp.Server.Serializer;
        return new RemoteSocketInfo(Id, HandshakeJson.Create(Handshake), Rooms, JsonElement.Parse(serializer.ToJson(_data?.Snapshot() ?? []), PlaceholderRewriter.DocumentOptions));
    }

    private void OnDataChanged(string key)
    {
        Nsp.Server.Observer?.OnDataChanged(this, key);
        OnChanged();
    }
}
