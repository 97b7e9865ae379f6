namespace StickyAspire.SocketIO.Adapters;

/// <content>Rooms: who is in them on this server, and how they come and go.</content>
public partial class SocketIOAdapter
{
    /// <summary>The names of all rooms of all servers, the sockets' own among them.</summary>
    /// <exception cref="TimeoutException">Not all servers answered in time.</exception>
    public virtual Task<IReadOnlySet<string>> FetchRoomsAsync()
    {
        lock (_gate)
        {
            return Task.FromResult<IReadOnlySet<string>>(new HashSet<string>([.. _rooms.Names, .. _namespace.ConnectedSockets.Keys], StringComparer.Ordinal));
        }
    }

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

                var members = _rooms.GetOrCreate(room, out var isNew);
                if (isNew)
                {
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

    /// <summary>Whether any socket of this server is in the room.</summary>
    protected bool HasRoom(string room)
    {
        lock (_gate)
        {
            return _rooms.Contains(room) || _namespace.ConnectedSockets.ContainsKey(room);
        }
    }

    private void RemoveMember(SocketIOSocket socket, string room)
    {
        if (_rooms.Remove(room, socket))
        {
            OnRoomDeleted(room);
        }
    }
}
