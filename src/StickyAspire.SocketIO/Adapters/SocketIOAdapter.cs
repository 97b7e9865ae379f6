using System.Buffers;
using StickyAspire.SocketIO.Engine;
using StickyAspire.SocketIO.Protocol;
using StickyAspire.SocketIO.Serialization;

namespace StickyAspire.SocketIO.Adapters;

/// <summary>
/// Knows which socket is in which room, and reaches them. This class knows the sockets of one server; an adapter for a cluster
/// derives from it, sends to the other servers, and calls the base for its own sockets. Safe for use by several threads.
/// </summary>
public class SocketIOAdapter
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Room> _rooms = new(StringComparer.Ordinal);
    private readonly SocketIONamespace _namespace;

    /// <summary>Creates the adapter of a namespace.</summary>
    /// <param name="host">The namespace that <see cref="ISocketIOAdapterFactory.Create"/> was given.</param>
    public SocketIOAdapter(ISocketIOAdapterHost host)
    {
        _namespace = host as SocketIONamespace ?? throw new ArgumentException("Expected the host that the factory was given.", nameof(host));
        Host = host;
    }

    /// <summary>The namespace.</summary>
    protected ISocketIOAdapterHost Host { get; }

    /// <summary>Connects to the other servers. Called once, and not awaited: until it is complete the namespace works alone.</summary>
    public virtual ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>Lets go of what the adapter holds.</summary>
    public virtual ValueTask CloseAsync() => ValueTask.CompletedTask;

    /// <summary>How many servers there are, this one included.</summary>
    public virtual ValueTask<int> ServerCountAsync() => ValueTask.FromResult(1);

    /// <summary>Sends an event to the other servers. They hand it to <see cref="ISocketIOAdapterHost.OnServerSideEmitAsync"/>.</summary>
    public virtual ValueTask ServerSideEmitAsync(SocketIOPacket packet) => ValueTask.CompletedTask;

    /// <summary>Sends an event to the other servers and hands on their answers.</summary>
    /// <param name="packet">The event.</param>
    /// <param name="onAck">Called with each server's answer: a packet of type Ack.</param>
    /// <exception cref="TimeoutException">Not all servers answered in time; its message says how many did.</exception>
    public virtual Task ServerSideEmitWithAckAsync(SocketIOPacket packet, Action<SocketIOPacket> onAck) => Task.CompletedTask;

    /// <summary>The names of all rooms of all servers, the sockets' own among them.</summary>
    /// <exception cref="TimeoutException">Not all servers answered in time.</exception>
    public virtual Task<IReadOnlySet<string>> FetchRoomsAsync()
    {
        lock (_gate)
        {
            return Task.FromResult<IReadOnlySet<string>>(new HashSet<string>([.. _rooms.Keys, .. _namespace.ConnectedSockets.Keys], StringComparer.Ordinal));
        }
    }

    /// <summary>Whether this adapter can bring sessions back: whether it gives events offsets, and implements the methods below.</summary>
    public virtual bool SupportsRecovery => false;

    /// <summary>Whether this adapter wants to know of sessions while they live, and not only when their client has gone: so that they outlive their server's end without notice.</summary>
    public virtual bool KeepsLiveSessions => false;

    /// <summary>Keeps a session that lives: it has begun, or its rooms or data have changed. Called where <see cref="KeepsLiveSessions"/>, one call after another for each session.</summary>
    public virtual ValueTask KeepSessionAsync(RecoverableSession session) => ValueTask.CompletedTask;

    /// <summary>Keeps a session whose client has gone, perhaps to come back.</summary>
    public virtual ValueTask PersistSessionAsync(RecoverableSession session) => ValueTask.CompletedTask;

    /// <summary>Forgets a session that is over for good. Called where <see cref="KeepsLiveSessions"/>.</summary>
    /// <param name="pid">The session's secret.</param>
    public virtual ValueTask ForgetSessionAsync(string pid) => ValueTask.CompletedTask;

    /// <summary>Whether one event's offset is behind another's in the order that <see cref="ReadMissedAsync"/> reads.</summary>
    public virtual bool IsAfter(string offset, string other) => false;

    /// <summary>Takes back a session that is kept; null if there is none, or the event with that offset is not known any more.</summary>
    /// <param name="pid">The session's secret, as the client gives it.</param>
    /// <param name="offset">The offset of the last event that the client has seen.</param>
    public virtual ValueTask<RecoverableSession?> RestoreSessionAsync(string pid, string offset) => ValueTask.FromResult<RecoverableSession?>(null);

    /// <summary>
    /// The events that a session should have had after an offset, in their order. Called when the socket is in its rooms again, so that nothing falls between
    /// what this reads and what is delivered meanwhile; what is in both is sent once.
    /// </summary>
    /// <returns>Null if the event with that offset is not known any more.</returns>
    public virtual ValueTask<MissedEvents?> ReadMissedAsync(RecoverableSession session, string offset) => ValueTask.FromResult<MissedEvents?>(null);

    /// <summary>Puts a socket of this server into rooms.</summary>
    internal void Add(SocketIOSocket socket, ReadOnlySpan<string> rooms)
    {
        lock (_gate)
        {
            if (socket.HasLeft)
            {
                return;
            }

            var before = socket.JoinedRooms.Count;
            foreach (var room in rooms)
            {
                if (room == socket.Id || !socket.AddRoom(room))
                {
                    continue;
                }

                if (!_rooms.TryGetValue(room, out var members))
                {
                    _rooms.Add(room, members = new Room());
                    OnRoomCreated(room);
                }

                members.Members.Add(socket);
                _namespace.Server.Observer?.OnJoined(socket, room);
            }

            if (socket.JoinedRooms.Count == before)
            {
                return;
            }
        }

        socket.OnChanged();
    }

    /// <summary>Takes a socket of this server out of a room.</summary>
    internal void Remove(SocketIOSocket socket, string room)
    {
        lock (_gate)
        {
            if (!socket.JoinedRooms.Remove(room))
            {
                return;
            }

            RemoveMember(socket, room);
            _namespace.Server.Observer?.OnLeft(socket, room);
        }

        socket.OnChanged();
    }

    /// <summary>Takes a socket of this server out of all rooms, for good.</summary>
    internal void RemoveAll(SocketIOSocket socket)
    {
        lock (_gate)
        {
            socket.HasLeft = true;
            foreach (var room in socket.JoinedRooms)
            {
                RemoveMember(socket, room);
                _namespace.Server.Observer?.OnLeft(socket, room);
            }

            socket.JoinedRooms.Clear();
        }
    }

    internal string[] GetRooms(SocketIOSocket socket)
    {
        lock (_gate)
        {
            return socket.HasLeft ? [] : [socket.Id, .. socket.JoinedRooms];
        }
    }

    /// <summary>The first socket of this server has joined a room that is not a socket's own. Called in order with <see cref="OnRoomDeleted"/>, under the adapter's lock: it must not wait.</summary>
    protected virtual void OnRoomCreated(string room)
    {
    }

    /// <summary>The last socket of this server has left a room.</summary>
    protected virtual void OnRoomDeleted(string room)
    {
    }

    /// <summary>A socket of this server has come, and with it its own room. Called under no lock; it must not wait.</summary>
    protected internal virtual void OnSocketAdded(string socketId)
    {
    }

    /// <summary>A socket of this server has gone, and its own room with it.</summary>
    protected internal virtual void OnSocketRemoved(string socketId)
    {
    }

    /// <summary>Ends the connection of one of this server's sockets as if it had broken: its session goes on elsewhere.</summary>
    protected void BreakConnection(string socketId)
    {
        if (_namespace.ConnectedSockets.TryGetValue(socketId, out var socket))
        {
            socket.Connection.Session.OnClosed(Engine.EngineCloseReason.TransportClose, Engine.EnginePacket.Close);
        }
    }

    /// <summary>Has <see cref="KeepSessionAsync"/> called again for a socket of this server, whose kept session was lost or could not be written.</summary>
    protected void KeepSessionAgain(string socketId)
    {
        if (_namespace.ConnectedSockets.TryGetValue(socketId, out var socket))
        {
            socket.OnChanged();
        }
    }

    /// <summary>Whether a socket of that id is on this server.</summary>
    protected bool HasSocket(string socketId) => _namespace.ConnectedSockets.ContainsKey(socketId);

    /// <summary>The ids of this server's sockets that the options mean.</summary>
    protected IReadOnlyList<string> GetSocketIds(BroadcastOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        using var batch = Select(options);
        var ids = new string[batch.Sockets.Length];
        for (var i = 0; i < ids.Length; i++)
        {
            ids[i] = batch.Sockets[i].Id;
        }

        return ids;
    }

    /// <summary>
    /// Ends the connections of this server's recoverable clients as if they had broken: they come back, and learn whether they can be recovered. For an adapter that finds that
    /// it has missed events, so that nobody goes on with a gap that they do not know of.
    /// </summary>
    protected void BreakRecoverableConnections()
    {
        foreach (var socket in _namespace.ConnectedSockets.Values)
        {
            if (socket.Pid is not null)
            {
                socket.Connection.Session.OnClosed(Engine.EngineCloseReason.TransportClose, Engine.EnginePacket.Close);
            }
        }
    }

    /// <summary>Whether any socket of this server is in the room.</summary>
    protected bool HasRoom(string room)
    {
        lock (_gate)
        {
            return _rooms.ContainsKey(room) || _namespace.ConnectedSockets.ContainsKey(room);
        }
    }

    /// <summary>Sends a packet to all sockets that the options mean.</summary>
    public virtual ValueTask BroadcastAsync(SocketIOPacket packet, BroadcastOptions options)
    {
        ArgumentNullException.ThrowIfNull(packet);
        ArgumentNullException.ThrowIfNull(options);
        using var batch = Select(options);
        OutboundBatch.Begin();
        try
        {
            foreach (var socket in batch.Sockets)
            {
                socket.Deliver(packet, options.IsVolatile, options.Compress);
            }
        }
        finally
        {
            OutboundBatch.End();
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Sends a packet and hands on the answers.</summary>
    /// <param name="packet">The event, without an id: each server gives it one of its own.</param>
    /// <param name="options">Whom it goes to.</param>
    /// <param name="onClientCount">Called once for each server, with the number of its clients that were asked.</param>
    /// <param name="onAck">Called with each client's answer: a packet of type Ack.</param>
    public virtual ValueTask BroadcastWithAckAsync(SocketIOPacket packet, BroadcastOptions options, Action<int> onClientCount, Action<SocketIOPacket> onAck)
    {
        ArgumentNullException.ThrowIfNull(packet);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(onClientCount);
        var id = _namespace.NextAckId();
        var withId = packet.WithId(id);
        using var batch = Select(options);
        onClientCount(batch.Sockets.Length);
        foreach (var socket in batch.Sockets)
        {
            socket.AddPendingAck(id, new RelayedAck(onAck));
            socket.Deliver(withId, options.IsVolatile, options.Compress);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>The sockets that the options mean.</summary>
    public virtual Task<IReadOnlyList<RemoteSocketInfo>> FetchSocketsAsync(BroadcastOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        using var batch = Select(options);
        var result = new List<RemoteSocketInfo>(batch.Sockets.Length);
        foreach (var socket in batch.Sockets)
        {
            result.Add(socket.Describe());
        }

        return Task.FromResult<IReadOnlyList<RemoteSocketInfo>>(result);
    }

    /// <summary>Puts the sockets that the options mean into rooms.</summary>
    public virtual ValueTask AddSocketsAsync(BroadcastOptions options, string[] rooms)
    {
        ArgumentNullException.ThrowIfNull(options);
        using var batch = Select(options);
        foreach (var socket in batch.Sockets)
        {
            Add(socket, rooms);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Takes the sockets that the options mean out of rooms.</summary>
    public virtual ValueTask RemoveSocketsAsync(BroadcastOptions options, string[] rooms)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(rooms);
        using var batch = Select(options);
        foreach (var socket in batch.Sockets)
        {
            foreach (var room in rooms)
            {
                Remove(socket, room);
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Disconnects the sockets that the options mean.</summary>
    public virtual ValueTask DisconnectSocketsAsync(BroadcastOptions options, bool close)
    {
        ArgumentNullException.ThrowIfNull(options);
        using var batch = Select(options);
        foreach (var socket in batch.Sockets)
        {
            socket.Disconnect(close);
        }

        return ValueTask.CompletedTask;
    }

    private void RemoveMember(SocketIOSocket socket, string room)
    {
        if (_rooms.TryGetValue(room, out var members) && members.Members.Remove(socket) && members.Members.Count == 0)
        {
            _rooms.Remove(room);
            OnRoomDeleted(room);
        }
    }

    /// <summary>The sockets that the options mean, each once.</summary>
    private SocketBatch Select(BroadcastOptions options)
    {
        lock (_gate)
        {
            var (array, count) = options.Rooms switch
            {
                [] => SelectAll(),
                [var room] => SelectRoom(room),
                _ => SelectUnion(options.Rooms),
            };

            return new SocketBatch(array, options.Except.Length == 0 ? count : RemoveExcept(array, count, options.Except));
        }
    }

    private (SocketIOSocket[] Array, int Count) SelectAll()
    {
        var sockets = _namespace.ConnectedSockets;
        var array = ArrayPool<SocketIOSocket>.Shared.Rent(sockets.Count + 16);
        var count = 0;
        foreach (var (_, socket) in sockets)
        {
            if (count == array.Length)
            {
                // Clients joined since the count was taken.
                var larger = ArrayPool<SocketIOSocket>.Shared.Rent(count * 2);
                array.CopyTo(larger, 0);
                ArrayPool<SocketIOSocket>.Shared.Return(array, clearArray: true);
                array = larger;
            }

            array[count++] = socket;
        }

        return (array, count);
    }

    private (SocketIOSocket[] Array, int Count) SelectRoom(string room)
    {
        // A socket's own room needs no entry: it is there by its id. Others may have joined it too.
        var own = _namespace.ConnectedSockets.GetValueOrDefault(room);
        var members = _rooms.GetValueOrDefault(room)?.Members;
        var array = ArrayPool<SocketIOSocket>.Shared.Rent((members?.Count ?? 0) + 1);
        var count = 0;
        if (members is not null)
        {
            members.CopyTo(array);
            count = members.Count;
        }

        if (own is not null && members?.Contains(own) != true)
        {
            array[count++] = own;
        }

        return (array, count);
    }

    private (SocketIOSocket[] Array, int Count) SelectUnion(string[] rooms)
    {
        var union = new HashSet<SocketIOSocket>();
        foreach (var room in rooms)
        {
            if (_rooms.TryGetValue(room, out var members))
            {
                union.UnionWith(members.Members);
            }

            if (_namespace.ConnectedSockets.TryGetValue(room, out var own))
            {
                union.Add(own);
            }
        }

        var array = ArrayPool<SocketIOSocket>.Shared.Rent(union.Count);
        union.CopyTo(array);
        return (array, union.Count);
    }

    private static int RemoveExcept(SocketIOSocket[] array, int count, string[] except)
    {
        var kept = 0;
        for (var i = 0; i < count; i++)
        {
            var socket = array[i];
            if (!IsInAny(socket, except))
            {
                array[kept++] = socket;
            }
        }

        // What lies beyond must not stay alive in the pool; clearing on return covers it.
        return kept;
    }

    private static bool IsInAny(SocketIOSocket socket, string[] rooms)
    {
        foreach (var room in rooms)
        {
            if (room == socket.Id || socket.JoinedRooms.Contains(room))
            {
                return true;
            }
        }

        return false;
    }
}
